// Fails if the compiler keeps values of a hot loop on the stack.
//
//   node native/tools/check-inner-loops.mjs [BINARY]
//
// A hot loop is a backward jump around at least eight of the multiply-add instructions that a kernel
// file is built from. Within it no instruction may touch the stack: a spilled accumulator costs more
// than half the speed and nothing else reports it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const MULTIPLY_ADDS = ['vpdpbusd', 'vpmaddwd'];
const MIN_MULTIPLY_ADDS = 8;
// Of one kernel six shapes (1 to 6 targets) for two kinds of codes hold such a loop.
const MIN_LOOPS = { vpdpbusd: 4, vpmaddwd: 2 };

const binary = process.argv[2] ?? 'build/Release/kleio.node';
if (!existsSync(binary)) {
  console.error(`check-inner-loops: ${binary} does not exist; build it with: npm run build:native`);
  process.exit(2);
}

const listing = execFileSync('objdump', ['-d', '--no-show-raw-insn', binary], {
  encoding: 'utf8',
  maxBuffer: 1 << 30,
});

/** Instructions in order: { address, text }. */
const instructions = [];
for (const line of listing.split('\n')) {
  const match = /^\s*([0-9a-f]+):\s+(.*)$/.exec(line);
  if (match) instructions.push({ address: Number.parseInt(match[1], 16), text: match[2] });
}
const indexOf = new Map(instructions.map(({ address }, index) => [address, index]));

const found = new Map(MULTIPLY_ADDS.map((name) => [name, 0]));
const spilled = [];
instructions.forEach(({ address, text }, end) => {
  const jump = /^j[a-z]+\s+([0-9a-f]+)/.exec(text);
  const begin = jump && indexOf.get(Number.parseInt(jump[1], 16));
  if (begin === undefined || begin === null || begin >= end) return;
  const body = instructions.slice(begin, end + 1);
  // An outer loop holds an inner one; only innermost loops are hot.
  if (
    body.some(({ text: inner }, i) => i < body.length - 1 && isBackwardJump(inner, body[i].address))
  ) {
    return;
  }
  for (const name of MULTIPLY_ADDS) {
    // An encoding stands before an instruction that has several, as in `{vex} vpdpbusd`.
    const isOne = ({ text: inner }) => inner.replace(/^\{\w+\}\s+/, '').startsWith(name);
    if (body.filter(isOne).length < MIN_MULTIPLY_ADDS) continue;
    found.set(name, found.get(name) + 1);
    const stack = body.filter(({ text: inner }) =>
      /[xyz]mm\d+.*%r[sb]p|%r[sb]p.*[xyz]mm\d+/.test(inner),
    );
    const stores = stack.filter(({ text: inner }) => /mm\d+,-?(0x[0-9a-f]+)?\(%r[sb]p/.test(inner));
    if (stores.length > 0) spilled.push({ name, address, stores });
  }
});

function isBackwardJump(text, address) {
  const jump = /^j[a-z]+\s+([0-9a-f]+)/.exec(text);
  return jump !== null && Number.parseInt(jump[1], 16) <= address;
}

for (const { name, address, stores } of spilled) {
  console.error(`${name} loop ending at ${address.toString(16)} spills:`);
  for (const { address: at, text } of stores) console.error(`  ${at.toString(16)}: ${text}`);
}
for (const [name, count] of found) {
  console.log(
    `${name}: ${count} inner loops without a store to the stack: ${spilled.length === 0}`,
  );
  if (count < MIN_LOOPS[name]) {
    console.error(
      `expected at least ${MIN_LOOPS[name]} inner loops of ${name}: has the kernel changed?`,
    );
    process.exitCode = 1;
  }
}
if (spilled.length > 0) process.exitCode = 1;
