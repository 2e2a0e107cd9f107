/** The requests that the released model answered, and its answers (test/golden). */
import { join } from 'node:path';
import type { Candidate, MuseRequest } from '../oracle/muse.js';
import { Reader } from '../oracle/muse-weights.js';
import { readTensorFile, type TensorFile } from './tensor-files.js';

export const MUSE_SETS = ['muse_a', 'muse_b'] as const;
export const SIMTIER_SETS = ['simtier_a', 'simtier_b'] as const;
export const ATTENTION_SETS = ['sata_h1_a', 'sata_h1_b', 'sata_h2_a', 'sata_h2_b'] as const;

export interface GoldenRequest extends MuseRequest {
  readonly candidate: Candidate;
  /** The release's answers in float64. */
  readonly probability: number;
  readonly attended: Float64Array;
  readonly towerInput: Float64Array;
}

const goldenPath = (name: string) => join(__dirname, '..', 'golden', `${name}.safetensors`);

export const goldenFile = (name: string): TensorFile => readTensorFile(goldenPath(name));

export const weightsPath = (set: string) => goldenPath(`${set}.weights`);

export function goldenRequests(set: string): GoldenRequest[] {
  const { tensors } = goldenFile(`${set}.case`);
  const reader = new Reader(tensors);
  const requests = reader.tensor('target').shape[0] as number;
  const ids = (name: string) => rowsOf(reader.ids(name), requests);
  const numbers = (name: string) => rowsOf(Array.from(reader.numbers(name)), requests);

  const [item, category] = [ids('target'), ids('target_category')];
  const [city, province] = [ids('target_city'), ids('target_province')];
  const [items, categories, user] = [ids('history'), ids('history_category'), ids('user')];
  const probability = numbers('probability_f64');
  const [attended, towerInput] = [numbers('lifelong_sata_f64'), numbers('tower_input_f64')];
  return Array.from({ length: requests }, (_, n) => ({
    items: items[n]!,
    categories: categories[n]!,
    user: user[n]!,
    candidate: {
      item: item[n]![0]!,
      category: category[n]![0]!,
      city: city[n]![0]!,
      province: province[n]![0]!,
    },
    probability: probability[n]![1]!,
    attended: Float64Array.from(attended[n]!),
    towerInput: Float64Array.from(towerInput[n]!),
  }));
}

export function rowsOf<T>(values: readonly T[], rows: number): T[][] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
}
