// The bytes of an ONNX model: targets [B, D] × history [D, L] → TopK over the last axis. Written with a
// minimal protobuf encoder; field numbers are those of onnx.proto3.

const FLOAT = 1;
const INT64 = 7;
const INT_ATTRIBUTE = 2;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

const tag = (field, wireType) => varint((field << 3) | wireType);
const integer = (field, value) => Buffer.concat([tag(field, VARINT), varint(value)]);
const bytes = (field, content) => [tag(field, LENGTH_DELIMITED), varint(content.length), content];
const message = (field, ...parts) => Buffer.concat(bytes(field, Buffer.concat(parts)));
const text = (field, value) => Buffer.concat(bytes(field, Buffer.from(value)));

const axis = (size) => message(1, typeof size === 'string' ? text(2, size) : integer(1, size));

function valueInfo(field, name, elementType, sizes) {
  const shape = message(2, ...sizes.map(axis));
  return message(field, text(1, name), message(2, message(1, integer(1, elementType), shape)));
}

function initializer(name, elementType, sizes, raw) {
  const dims = sizes.map((size) => integer(1, size));
  const named = Buffer.concat([...dims, integer(2, elementType), text(8, name)]);
  return message(5, named, ...bytes(9, raw));
}

function node(operator, inputs, outputs, attributes = []) {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...attributes,
  );
}

const intAttribute = (name, value) =>
  message(5, text(1, name), integer(3, value), integer(20, INT_ATTRIBUTE));

/**
 * @param {{ dim: number, length: number, k: number }} sizes
 * @param {Float32Array} [constant] the history, [dim, length], built into the model; without it the
 *   history is an input of each run
 */
export function matMulTopKModel({ dim, length, k }, constant) {
  const count = Buffer.alloc(8);
  count.writeBigInt64LE(BigInt(k));
  const history = constant
    ? initializer('history', FLOAT, [dim, length], bytesOf(constant))
    : valueInfo(11, 'history', FLOAT, [dim, length]);
  const graph = message(
    7,
    node('MatMul', ['targets', 'history'], ['all']),
    node('TopK', ['all', 'k'], ['scores', 'positions'], [intAttribute('axis', -1)]),
    text(2, 'gsu'),
    initializer('k', INT64, [1], count),
    valueInfo(11, 'targets', FLOAT, ['B', dim]),
    history,
    valueInfo(12, 'scores', FLOAT, ['B', k]),
    valueInfo(12, 'positions', INT64, ['B', k]),
  );
  return Buffer.concat([integer(1, 8), graph, message(8, text(1, ''), integer(2, 17))]);
}

const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
