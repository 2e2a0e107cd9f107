/**
 * Draws the picture of rooms and arrows in docs/architecture.md anew, which is how a new arrow is allowed.
 *
 *     tsx test/house/draw.ts            draws it, unless there is what no picture can allow
 *     tsx test/house/draw.ts --print    prints the picture of the sources in the current folder
 */

import { writeFileSync } from 'node:fs';

import { forbiddenArrows } from './arrows.js';
import { draw, PAGE, withPicture } from './picture.js';
import { arrowsOf, roomsOf } from './rooms.js';
import { textOf } from './sources.js';

const root = process.cwd();
const arrows = arrowsOf(root);
const rooms = roomsOf(arrows);
if (process.argv.includes('--print')) {
  console.log(draw(rooms));
} else {
  const faults = forbiddenArrows(arrows, rooms);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else writeFileSync(PAGE, withPicture(textOf(root, PAGE), draw(rooms)));
}
