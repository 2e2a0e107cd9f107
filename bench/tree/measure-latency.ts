/** Latency of a search, by stage, interleaved with the same search in PyTorch on the same threads. */

import { writeFileSync } from 'node:fs';

import { type Spread, spread } from '../../lib/bench/harness/statistics.js';
import type { TreeSetting } from './setting.js';
import { safetensorsFile } from './tensor-bytes.js';
import { TorchPeer } from './torch-peer.js';

const BEAM = 800;
/** Answers may differ where float32 sums in another order do. */
const MIN_AGREEMENT = 0.98;

export interface LatencyRow {
  readonly behaviours: number;
  readonly distinct: number;
  readonly rounds: number;
  /** Milliseconds of kleio's search and of its stages. */
  readonly kleio: Readonly<Record<string, Spread>>;
  /** Of PyTorch; absent where there is none, for the reason given. */
  readonly torch?: Readonly<Record<string, Spread>>;
  readonly torchAbsent?: string;
  /** How many times faster kleio was, by the ratios within a round. */
  readonly speedup?: Spread;
  /** Share of the returned items that both return. */
  readonly agreement?: number;
}

type Stages = Record<string, number>;

export interface LatencyOptions {
  readonly lengths: readonly number[];
  readonly rounds: number;
  readonly threads: number;
}

export async function measureLatency(
  setting: TreeSetting,
  options: LatencyOptions,
): Promise<LatencyRow[]> {
  const weightsPath = setting.path('scorer.safetensors');
  const { tensors, metadata } = setting.weights;
  writeFileSync(weightsPath, safetensorsFile(tensors, metadata));
  const rows: LatencyRow[] = [];
  for (const length of options.lengths) {
    rows.push(await latencyOf(setting, weightsPath, length, options));
    console.log(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

async function latencyOf(
  setting: TreeSetting,
  weightsPath: string,
  length: number,
  { rounds, threads }: LatencyOptions,
): Promise<LatencyRow> {
  const { tree, scorer } = setting;
  const user = setting.corpus.drawUser(length);
  using history = setting.historyOf(user);
  const historyPath = setting.path(`history-${length}.safetensors`);
  const rows = { shape: [length], values: BigInt64Array.from(user.behaviours, BigInt) };
  writeFileSync(historyPath, safetensorsFile({ rows }, {}));
  const files = { tree: setting.treePath, weights: weightsPath, history: historyPath };
  const peer = await TorchPeer.start(files, BEAM, threads);

  const ofKleio: Stages[] = [];
  const ofTorch: Stages[] = [];
  let agreement = 1;
  const search = () => tree.search({ scorer, history, beam: BEAM, n: BEAM });
  await search();
  for (let round = 0; round < rounds; ++round) {
    const started = performance.now();
    const { stages, items } = await search();
    const total = performance.now() - started;
    ofKleio.push({ total, ...stages! });
    if (peer instanceof TorchPeer) {
      const answer = await peer.search();
      ofTorch.push(answer.stages);
      const found = new Set(items);
      const same = answer.items.filter((item) => found.has(BigInt(item))).length;
      agreement = Math.min(agreement, same / Math.max(items.length, 1));
    }
  }
  const measured = {
    behaviours: length,
    distinct: history.distinct,
    rounds,
    kleio: spreads(ofKleio),
  };
  if (!(peer instanceof TorchPeer)) return { ...measured, torchAbsent: peer.absent };
  peer.stop();
  if (agreement < MIN_AGREEMENT) {
    throw new Error(`PyTorch found ${agreement} of the same items: its times say nothing`);
  }
  const speedup = spread(ofKleio.map(({ total }, round) => ofTorch[round]!.total! / total!));
  return { ...measured, torch: spreads(ofTorch), speedup, agreement };
}

function spreads(rounds: readonly Stages[]): Record<string, Spread> {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, spread(rounds.map((round) => round[name]!))]),
  );
}
