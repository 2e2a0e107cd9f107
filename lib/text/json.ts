/** For JSON.stringify: ids are 64-bit, and JSON has no such numbers. */
export function stringOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
