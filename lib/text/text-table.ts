/** How numbers and tables look on a terminal. */

/** Right-aligned columns, two spaces apart. */
export function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  return lines.map(
    (line) => `  ${line.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}`,
  );
}

/** Thousands set apart by a space, as in 100 000. */
export function whole(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Three digits that count, wherever the point is: 0.00687, 1.35, 56.2. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));
