// Before any other code: child processes run on arm64, those of Node.js under QEMU as well as Vitest's workers.
const { join } = require('node:path');

process.execPath = join(__dirname, 'node');
