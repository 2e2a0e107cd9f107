// Which room of the house includes which: read from the sources, drawn in docs/architecture.md, and held to it.
//
//   node test/house/arrows.mjs            fails on an arrow that is not in the picture, on one that the picture
//                                         alone has, on a circle, and on a forbidden arrow
//   node test/house/arrows.mjs --draw     draws the picture anew; circles and forbidden arrows fail still
//   node test/house/arrows.mjs --print    prints the picture of the sources in the current folder
//
// A room is a folder, with the folders in it where ROOMS says so. An arrow is a `#include "…"`, or a relative
// import of TypeScript. What comes from elsewhere (a package, a header of the system) is an arrow out of the
// house; the standard library and Node.js's own modules are taken for granted.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const PAGE = 'docs/architecture.md';
const BEGIN = '<!-- Drawn by `npm run draw`: what includes what, from the sources themselves. -->';
const END = '<!-- The end of what is drawn. -->';

/** Folders that are one room with everything below them. */
const ROOMS = ['lib/cli', 'lib/bench', 'bench', 'test', 'native/kernel_tests', 'native/tools'];

/** They may look at everything and are not drawn; nothing else may look at them. */
const OUTSIDE_OF_THE_PACKAGE = [
  'bench',
  'test',
  'native/kernel_tests',
  'native/runtime_tests',
  'native/stress',
  'native/tools',
];

/** What only these rooms may include, whatever the picture says. */
const RESERVED = [
  { what: /^napi\.h$/, rooms: /^native\/addon$/, why: 'Node-API is the addon’s alone' },
  {
    what: /^cuda_runtime(_api)?\.h$/,
    rooms: /^native\/cuda\/(accelerators|device|kernels)$/,
    why: 'CUDA is known to devices, to kernels and to who opens devices',
  },
  {
    what: /^immintrin\.h$/,
    rooms: /^native\/cpu\//,
    why: 'intrinsics belong to kernels of the CPU',
  },
  {
    what: /^[^./]|^@/,
    rooms: /^lib\/(cli|text)$/,
    in: /^lib\//,
    why: 'the package depends on nothing; only what is bundled for the command line may',
  },
];

/** Device code is compiled without a host: kernel headers may take these and what is made of them alone. */
const DEVICE_CODE = /^native\/cuda\/kernels\/.*\.cuh$/;
const OF_DEVICES = ['cmath', 'cstddef', 'cstdint', 'cstring', 'limits', 'type_traits'];

const CPP = /\.(?:h|cc|cu|cuh)$/;
const SCRIPT = /\.(?:ts|mts|mjs)$/;

/** An arrow as the sources have it: from one file to another, or to a name outside of the house. */
export function arrowsOf(root) {
  const listed = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', 'native', 'lib', 'bench', 'test'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const paths = listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
  return paths.flatMap((path) => arrowsFrom(path, readFileSync(join(root, path), 'utf8'), root));
}

function arrowsFrom(path, text, root) {
  if (CPP.test(path)) return includesOf(path, text, root);
  return SCRIPT.test(path) ? importsOf(path, text) : [];
}

function includesOf(path, text, root) {
  return matches(text, /^#include (["<])([^">]+)[">]/gm).flatMap(
    ({ groups: [mark, name], line }) => {
      if (mark === '"') {
        const inNative = join('native', name);
        const to = existsSync(join(root, inNative)) ? inNative : join(dirname(path), name);
        return [{ path, line, to, room: roomOf(to) }];
      }
      return [{ path, line, to: name, standard: !name.includes('.') }];
    },
  );
}

function importsOf(path, text) {
  const pattern = /^(?!\s*\*).*?(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^']+)'/gm;
  return matches(text, pattern).flatMap(({ groups: [name], line }) => {
    if (name.startsWith('.')) {
      const to = normalize(join(dirname(path), name));
      return [{ path, line, to, room: roomOf(to) }];
    }
    return name.startsWith('node:') ? [] : [{ path, line, to: packageOf(name) }];
  });
}

function matches(text, pattern) {
  return [...text.matchAll(pattern)].map((match) => ({
    groups: match.slice(1),
    line: text.slice(0, match.index).split('\n').length,
  }));
}

const packageOf = (name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)[0];

export function roomOf(path) {
  const whole = ROOMS.find((room) => path.startsWith(`${room}/`));
  const folder = dirname(path);
  return whole ?? (folder === '.' ? path : folder);
}

const isDrawn = (room) => !OUTSIDE_OF_THE_PACKAGE.includes(room);

/** By room: the rooms it includes, and what it takes from outside of the house, each with an example. */
export function roomsOf(arrows) {
  const rooms = new Map();
  for (const { path, line, to, room, standard } of arrows) {
    const from = roomOf(path);
    if (!isDrawn(from) || standard || room === from) continue;
    if (!rooms.has(from)) rooms.set(from, { rooms: new Map(), outside: new Map() });
    const { rooms: others, outside } = rooms.get(from);
    const list = room === undefined ? outside : others;
    if (!list.has(room ?? to)) list.set(room ?? to, `${path}:${line}`);
    if (room !== undefined && isDrawn(room) && !rooms.has(room)) {
      rooms.set(room, { rooms: new Map(), outside: new Map() });
    }
  }
  return rooms;
}

/** What no picture can allow. */
export function faultsOf(arrows, rooms) {
  return [...forbidden(arrows), ...hostTypes(arrows), ...circles(rooms)];
}

function forbidden(arrows) {
  return arrows.flatMap(({ path, line, to, room, standard }) => {
    const from = roomOf(path);
    if (!isDrawn(from)) return [];
    const at = `${path}:${line}: ${from} → ${room ?? to}`;
    if (room !== undefined)
      return isDrawn(room) ? [] : [`${at}: no part of the package may need it`];
    if (standard) return [];
    return RESERVED.filter(
      ({ what, rooms, in: within }) =>
        (within ?? /^native\//).test(from) && what.test(to) && !rooms.test(from),
    ).map(({ why }) => `${at}: ${why}`);
  });
}

/** Kernel headers, and every header that they reach, without types that a device does not know. */
function hostTypes(arrows) {
  const reached = new Set(arrows.map(({ path }) => path).filter((path) => DEVICE_CODE.test(path)));
  for (const path of reached) {
    for (const { path: from, to, room } of arrows) {
      if (from === path && room !== undefined) reached.add(to);
    }
  }
  return arrows
    .filter(({ path, to, standard }) => standard && reached.has(path) && !OF_DEVICES.includes(to))
    .map(
      ({ path, line, to }) =>
        `${path}:${line}: <${to}> in device code; there are ${OF_DEVICES.join(', ')}`,
    );
}

function circles(rooms) {
  const found = [];
  const done = new Set();
  const visit = (room, way) => {
    if (way.includes(room)) {
      found.push(`a circle of rooms: ${[...way.slice(way.indexOf(room)), room].join(' → ')}`);
      return;
    }
    if (done.has(room)) return;
    for (const other of rooms.get(room)?.rooms.keys() ?? []) visit(other, [...way, room]);
    done.add(room);
  };
  for (const room of rooms.keys()) visit(room, []);
  return found;
}

/** How many rooms lie below one, on the longest way. */
function heights(rooms) {
  const known = new Map();
  const heightOf = (room) => {
    if (!known.has(room)) {
      known.set(room, 0);
      const below = [...(rooms.get(room)?.rooms.keys() ?? [])].filter(isDrawn);
      known.set(room, 1 + Math.max(-1, ...below.map(heightOf)));
    }
    return known.get(room);
  };
  return (room) => heightOf(room);
}

/** Arrows that no longer way stands for: what a picture can be read with. */
function shortest(rooms) {
  const below = (room) => [...(rooms.get(room)?.rooms.keys() ?? [])];
  const reaches = (from, to, seen = new Set()) =>
    below(from).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return [...rooms.keys()].flatMap((from) =>
    below(from)
      .filter((to) => !below(from).some((next) => next !== to && reaches(next, to)))
      .map((to) => [from, to]),
  );
}

export function draw(rooms) {
  const height = heights(rooms);
  const order = [...rooms.keys()].sort((a, b) => height(b) - height(a) || a.localeCompare(b));
  const width = Math.max(...order.map((room) => room.length));
  const lines = order.map((room) => {
    const { rooms: others, outside } = rooms.get(room);
    const names = [...others.keys()].sort((a, b) => height(b) - height(a) || a.localeCompare(b));
    const packages = [...outside.keys()].sort();
    const all = [...names, ...packages.map((name) => `<${name}>`)].join('  ');
    return `${room.padEnd(width)}  →  ${all}`.trimEnd();
  });
  const id = (room) => room.replace(/\W/g, '_');
  const nodes = order.map((room) => `  ${id(room)}["${room}"]`);
  const arrows = shortest(rooms)
    .map(([from, to]) => `  ${id(from)} --> ${id(to)}`)
    .sort();
  const graph = ['```mermaid', 'graph TD', ...nodes, ...arrows, '```'].join('\n');
  return `${graph}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

/** The arrows of a drawn picture, as `from → to`. */
function drawnArrows(picture) {
  const lines = picture.split('\n').filter((line) => /^\S+ +→ /.test(line));
  return lines.flatMap((line) => {
    const [from, others] = line.split(/ +→ */);
    return others
      .split(/ +/)
      .filter((to) => to !== '')
      .map((to) => `${from} → ${to}`);
  });
}

/** What differs between the picture and the sources. */
export function differences(picture, rooms) {
  const drawn = new Set(drawnArrows(picture));
  const found = [];
  for (const [from, { rooms: others, outside }] of rooms) {
    const all = [...others, ...[...outside].map(([name, example]) => [`<${name}>`, example])];
    for (const [to, example] of all) {
      const arrow = `${from} → ${to}`;
      if (!drawn.delete(arrow)) found.push(`${example}: ${arrow} is not in ${PAGE}`);
    }
  }
  for (const arrow of drawn) found.push(`${PAGE}: nothing in the sources is ${arrow} any more`);
  return found;
}

/** The page with `picture` in it, or undefined where the page has no room for one. */
export function withPicture(page, picture) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) return undefined;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${picture}\n\n${page.slice(end)}`;
}

function main(words) {
  const root = process.cwd();
  const arrows = arrowsOf(root);
  const rooms = roomsOf(arrows);
  const picture = draw(rooms);
  if (words.includes('--print')) {
    console.log(picture);
    return 0;
  }
  const faults = faultsOf(arrows, rooms);
  const page = readFileSync(PAGE, 'utf8');
  const drawn = withPicture(page, picture);
  if (drawn === undefined) throw new Error(`${PAGE} has no place for the picture`);
  if (words.includes('--draw') && faults.length === 0) {
    writeFileSync(PAGE, drawn);
  } else {
    faults.push(...differences(page, rooms));
    if (faults.length === 0 && page !== drawn)
      faults.push(`${PAGE}: drawn otherwise; npm run draw`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) {
    console.error(
      `arrows: ${faults.length} of them wrong. If one is meant, \`npm run draw\` draws it.`,
    );
  }
  return faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2));
