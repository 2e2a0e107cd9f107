/** The picture of rooms and arrows in docs/architecture.md: how it is drawn, and what it lacks. */

import type { Room, Rooms } from './rooms.js';

export const PAGE = 'docs/architecture.md';
const BEGIN = '<!-- Drawn by `npm run draw`: what includes what, from the sources themselves. -->';
const END = '<!-- The end of what is drawn. -->';

/** A graph without the arrows that a longer way stands for, then every room with all that it includes. */
export function draw(rooms: Rooms): string {
  const heightOf = heights(rooms);
  const byHeight = (a: string, b: string) => heightOf(b) - heightOf(a) || a.localeCompare(b);
  const order = [...rooms.keys()].sort(byHeight);
  const width = Math.max(...order.map((name) => name.length));
  const lines = order.map((name) => {
    const { rooms: others, outside } = rooms.get(name)!;
    const packages = [...outside.keys()].sort().map((one) => `<${one}>`);
    const all = [...[...others.keys()].sort(byHeight), ...packages].join('  ');
    return `${name.padEnd(width)}  →  ${all}`.trimEnd();
  });
  return `${graphOf(order, rooms)}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

function graphOf(order: readonly string[], rooms: Rooms): string {
  const id = (name: string) => name.replace(/\W/g, '_');
  const nodes = order.map((name) => `  ${id(name)}["${name}"]`);
  const arrows = shortest(rooms).map(([from, to]) => `  ${id(from)} --> ${id(to)}`);
  return ['```mermaid', 'graph TD', ...nodes, ...arrows.sort(), '```'].join('\n');
}

const below = (rooms: Rooms, name: string): string[] => [...(rooms.get(name)?.rooms.keys() ?? [])];

/** How many rooms lie below one, on the longest way. */
function heights(rooms: Rooms): (name: string) => number {
  const known = new Map<string, number>();
  const heightOf = (name: string): number => {
    const height = known.get(name);
    if (height !== undefined) return height;
    known.set(name, 0); // ends circles, which are faults but are drawn as well
    known.set(name, 1 + Math.max(-1, ...below(rooms, name).map(heightOf)));
    return known.get(name)!;
  };
  return heightOf;
}

/** The arrows that no longer way stands for. */
function shortest(rooms: Rooms): [string, string][] {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    below(rooms, from).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return [...rooms.keys()].flatMap((from) => {
    const others = below(rooms, from);
    return others
      .filter((to) => !others.some((next) => next !== to && reaches(next, to)))
      .map((to): [string, string] => [from, to]);
  });
}

/** What differs between the picture on a page and the sources. */
export function differences(page: string, rooms: Rooms): string[] {
  const drawn = new Set(arrowsOn(page));
  const missing = [...rooms].flatMap(([from, room]) =>
    targetsOf(room).flatMap(([to, example]) => {
      const arrow = `${from} → ${to}`;
      return drawn.delete(arrow) ? [] : [`${example}: ${arrow} is not in ${PAGE}`];
    }),
  );
  const stale = [...drawn].map((arrow) => `${PAGE}: nothing in the sources is ${arrow} any more`);
  return [...missing, ...stale];
}

const targetsOf = ({ rooms, outside }: Room): [string, string][] => [
  ...rooms,
  ...[...outside].map(([name, example]): [string, string] => [`<${name}>`, example]),
];

function arrowsOn(page: string): string[] {
  const lines = page.split('\n').filter((line) => /^\S+ +→ /.test(line));
  return lines.flatMap((line) => {
    const [from, others] = line.split(/ +→ +/) as [string, string];
    return others.split(/ +/).map((to) => `${from} → ${to}`);
  });
}

/** The page with `picture` in the place that it has for one. */
export function withPicture(page: string, picture: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the picture`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${picture}\n\n${page.slice(end)}`;
}
