/** What every part of the page is made of, and how its numbers look. */

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly figure: () => Element;
}

/** Three significant digits. */
export const milliseconds = (value: number): string => String(Number(value.toPrecision(3)));

/** Thousands set apart by a space. */
export const counted = (value: number): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** `noun` ends in s: 1 target, 16 targets. */
export const countOf = (value: number, noun: string): string =>
  `${counted(value)} ${value === 1 ? noun.slice(0, -1) : noun}`;

/** For axes, where there is little room: 10k, 1M. */
export const abbreviated = (value: number): string =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1000 ? `${value / 1000}k` : String(value);
