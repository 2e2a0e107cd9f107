// Whether kleio sees a GPU here, and what its driver says of it: as JSON. Fails where it sees none.
import { execFileSync } from 'node:child_process';
import { inspect } from 'kleio';

function driverSays() {
  try {
    return execFileSync('nvidia-smi', ['-q'], { timeout: 20_000 }).toString().split('\n');
  } catch (error) {
    return [String(error.message)];
  }
}

const { cuda, binary, failure } = inspect();
console.log(JSON.stringify({ cuda, binary, failure, nvidiaSmi: driverSays() }, undefined, 1));
if (!cuda.available) {
  console.error(cuda.reason);
  process.exitCode = 1;
}
