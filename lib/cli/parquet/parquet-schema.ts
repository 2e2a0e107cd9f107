/** The columns that the schema of a parquet file describes. */

import type { ThriftReader } from './thrift-reader.js';

export interface SchemaElement {
  readonly name: string;
  readonly type: number | undefined;
  /** 0 required, 1 optional, 2 repeated. */
  readonly repetition: number;
  readonly children: number;
  readonly converted: number | undefined;
  /** The field of LogicalType that is set. */
  readonly logical: number | undefined;
  readonly isUnsigned: boolean;
}

/** A column with values: a leaf of the schema. */
export interface Leaf {
  readonly path: readonly string[];
  readonly element: SchemaElement;
  /** Levels of a value that is there. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** From this definition level on, a list has an entry. */
  readonly entryDefinition: number;
}

/** Tables are far from having so many columns, and each takes an object here. */
const MAX_ELEMENTS = 65_536;
export const MAX_SCHEMA_DEPTH = 32;
const OPTIONAL = 1;
const REPEATED = 2;
/** The field of LogicalType for integers of any width and sign. */
const INTEGER = 10;

/** Reads the list of elements that the reader has come to. */
export function readSchema(reader: ThriftReader): SchemaElement[] {
  const elements: SchemaElement[] = [];
  reader.list(() => {
    if (elements.length === MAX_ELEMENTS) {
      throw new Error(`the schema has more than ${MAX_ELEMENTS} elements`);
    }
    elements.push(readElement(reader));
  });
  return elements;
}

function readElement(reader: ThriftReader): SchemaElement {
  const element = {
    name: '',
    type: undefined as number | undefined,
    repetition: 0,
    children: 0,
    converted: undefined as number | undefined,
    logical: undefined as number | undefined,
    isUnsigned: false,
  };
  const readLogicalType = (id: number) => {
    element.logical = id;
    if (id !== INTEGER) return reader.skip();
    reader.struct({
      2: () => {
        element.isUnsigned = !reader.flag();
      },
    });
  };
  reader.struct({
    1: () => {
      element.type = reader.int();
    },
    3: () => {
      element.repetition = reader.int();
    },
    4: () => {
      element.name = reader.text();
    },
    5: () => {
      element.children = reader.int();
    },
    6: () => {
      element.converted = reader.int();
    },
    10: () => reader.struct(readLogicalType),
  });
  return element;
}

/** The leaves below each column of the table, by its name; those of columns of one name, one after the other. */
export function columnLeaves(elements: readonly SchemaElement[]): Map<string, Leaf[][]> {
  const columns = new Map<string, Leaf[][]>();
  const [root] = elements;
  if (root === undefined) throw new Error('has no schema');
  let next = 1;
  const walk = (above: Omit<Leaf, 'element'>): void => {
    const element = elements[next++];
    if (element === undefined) throw new Error('the schema ends within a group');
    const leaf = below(above, element);
    if (leaf.path.length > MAX_SCHEMA_DEPTH)
      throw new Error(`is nested more than ${MAX_SCHEMA_DEPTH} deep`);
    if (element.type === undefined) {
      for (let child = 0; child < element.children; ++child) walk(leaf);
    } else {
      columns.get(leaf.path[0]!)!.at(-1)!.push(leaf);
    }
  };
  for (let child = 0; child < root.children; ++child) {
    const name = elements[next]?.name ?? '';
    columns.set(name, [...(columns.get(name) ?? []), []]);
    walk({ path: [], maxDefinition: 0, maxRepetition: 0, entryDefinition: 0 });
  }
  if (next !== elements.length) {
    throw new Error(`the schema has ${elements.length - next} elements too many`);
  }
  return columns;
}

function below(above: Omit<Leaf, 'element'>, element: SchemaElement): Leaf {
  const { repetition, name } = element;
  if (!(repetition >= 0 && repetition <= REPEATED)) {
    throw new Error(`column ${name} has the unknown repetition ${repetition}`);
  }
  const isRepeated = repetition === REPEATED;
  const maxDefinition = above.maxDefinition + (isRepeated || repetition === OPTIONAL ? 1 : 0);
  return {
    path: [...above.path, name],
    element,
    maxDefinition,
    maxRepetition: above.maxRepetition + (isRepeated ? 1 : 0),
    entryDefinition: isRepeated ? maxDefinition : above.entryDefinition,
  };
}
