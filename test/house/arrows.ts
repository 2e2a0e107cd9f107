/**
 * Which arrows between rooms are faults: one that is not in the picture of docs/architecture.md, one that the
 * picture alone has, a circle, and what no picture can allow.
 */

import { differences, draw, PAGE, withPicture } from './picture.js';
import { type Arrow, arrowsOf, isOfThePackage, type Rooms, roomOf, roomsOf } from './rooms.js';
import { textOf } from './sources.js';

interface Reserved {
  readonly what: RegExp;
  /** Who may include it, of `within`. */
  readonly rooms: RegExp;
  readonly within: RegExp;
  readonly why: string;
}

/** What only some rooms may include, whatever the picture says. */
const RESERVED: readonly Reserved[] = [
  {
    what: /^napi\.h$/,
    rooms: /^native\/addon$/,
    within: /^native\//,
    why: 'Node-API is the addon’s alone',
  },
  {
    what: /^cuda_runtime(_api)?\.h$/,
    rooms: /^native\/cuda\/(accelerators|device|kernels)$/,
    within: /^native\//,
    why: 'CUDA is known to kernels, to devices and to who opens them',
  },
  {
    what: /^(?:immintrin|arm_neon)\.h$/,
    rooms: /^native\/cpu\/./,
    within: /^native\//,
    why: 'intrinsics belong to the kernels of the CPU',
  },
  {
    what: /^/,
    rooms: /^lib\/(cli|text)$/,
    within: /^lib(\/|$)/,
    why: 'the library depends on nothing; only what is bundled for the command line may',
  },
];

/** Device code is compiled without a host: kernel headers may take these and what is made of them alone. */
const DEVICE_CODE = /^native\/cuda\/kernels\/.*\.cuh$/;
const OF_DEVICES = ['cassert', 'cmath', 'cstddef', 'cstdint', 'cstring', 'limits', 'type_traits'];

export function arrowFaults(root: string): string[] {
  const arrows = arrowsOf(root);
  const rooms = roomsOf(arrows);
  const page = textOf(root, PAGE);
  const faults = [...forbiddenArrows(arrows, rooms), ...differences(page, rooms)];
  if (faults.length === 0 && page !== withPicture(page, draw(rooms))) {
    faults.push(`${PAGE}: what is drawn has been changed by hand; npm run draw`);
  }
  return faults;
}

/** What no picture can allow. */
export function forbiddenArrows(arrows: readonly Arrow[], rooms: Rooms): string[] {
  return [...arrows.flatMap(forbidden), ...hostTypes(arrows), ...circles(rooms)];
}

function forbidden({ path, line, to, room, standard }: Arrow): string[] {
  const from = roomOf(path);
  if (!isOfThePackage(from) || standard) return [];
  const at = `${path}:${line}: ${from} → ${room ?? to}`;
  if (room !== undefined) {
    return isOfThePackage(room) ? [] : [`${at}: no part of the package may need it`];
  }
  return RESERVED.filter(
    ({ what, rooms, within }) => within.test(from) && what.test(to) && !rooms.test(from),
  ).map(({ why }) => `${at}: ${why}`);
}

/** Kernel headers, and every header that they reach, without types that a device does not know. */
function hostTypes(arrows: readonly Arrow[]): string[] {
  const reached = new Set(arrows.map(({ path }) => path).filter((path) => DEVICE_CODE.test(path)));
  for (const path of reached) {
    for (const arrow of arrows) {
      if (arrow.path === path && arrow.room !== undefined) reached.add(arrow.to);
    }
  }
  const allowed = OF_DEVICES.map((name) => `<${name}>`).join(', ');
  return arrows
    .filter(({ path, to, standard }) => standard && reached.has(path) && !OF_DEVICES.includes(to))
    .map(({ path, line, to }) => `${path}:${line}: <${to}> in device code, which has ${allowed}`);
}

function circles(rooms: Rooms): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (room: string, way: readonly string[]): void => {
    if (way.includes(room)) {
      const circle = [...way.slice(way.indexOf(room)), room];
      found.push(`a circle of rooms: ${circle.join(' → ')}`);
      return;
    }
    if (done.has(room)) return;
    for (const other of rooms.get(room)?.rooms.keys() ?? []) visit(other, [...way, room]);
    done.add(room);
  };
  for (const room of rooms.keys()) visit(room, []);
  return found;
}
