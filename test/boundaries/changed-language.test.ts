/** What the package does where somebody has changed the language's own objects. */
import { describe, expect, it } from 'vitest';
import { weightsPath } from '../cases/muse-golden.js';
import { runProgram } from '../cases/programs.js';

const outcomes = (way: string, when: string) =>
  runProgram<string[]>('changed-language.mjs', { words: [way, when, weightsPath('muse_a')] });

describe('results and codes are the same', () => {
  it.each([
    ['freeze', 'before'],
    ['freeze', 'after'],
    ['pollute', 'before'],
    ['pollute', 'after'],
    ['silence', 'before'],
    ['silence', 'after'],
    ['stopClock', 'before'],
    ['stopClock', 'after'],
    ['strip', 'before'],
    ['strip', 'after'],
  ])('where somebody does %s %s the package is loaded', async (way, when) => {
    expect(await outcomes(way, when)).toEqual(await outcomes('nothing', when));
  });
});

it('gives codes where built-in methods throw', async () => {
  for (const outcome of await outcomes('patch', 'after')) {
    expect(outcome).toMatch(/: (\d[\d,]*|ERR_KLEIO_\w+)$/);
  }
});
