/**
 * A corpus of planted clusters and users with interests in several of them. Each cluster is seen twice:
 * by the multimodal embeddings (int8, 128) that the tree is built from, and by ID embeddings (float32,
 * 16) such as training would give; both are noisy. Nothing is trained.
 */

import { type Uniform, uniformStream } from '../../lib/bench/harness/uniform.js';

export const DIM = 128;
export const ID_WIDTH = 16;

const ITEMS_PER_CLUSTER = 250;
const CLUSTERS_PER_TOPIC = 40;
/** Shares of a multimodal embedding's square; the rest is the item's own. */
const TOPIC_SHARE = 0.2;
const CLUSTER_SHARE = 0.45;
/** Norm of the public table's rows. */
const CODE_NORM = 122.5;
/** Shares of an ID embedding's square. */
const ID_TOPIC_SHARE = 0.2;
const ID_CLUSTER_SHARE = 0.55;

const INTERESTS = 6;
/** Share of a user's behaviours that belong to none of the interests. */
const STRAY_SHARE = 0.2;

export interface PlantedUser {
  /** Clusters. */
  readonly interests: ReadonlySet<number>;
  /** Rows of the corpus, oldest first: one interest after the other. */
  readonly behaviours: Int32Array;
}

export class PlantedCorpus {
  readonly items: number;
  readonly clusters: number;
  /** [items, DIM] */
  readonly codes: Int8Array;
  /** [items + 1, ID_WIDTH]; row 0 is for unknown items. */
  readonly idEmbeddings: Float32Array;
  readonly clusterOf: Int32Array;
  readonly #uniform: Uniform;

  constructor(items: number, seed: number) {
    this.items = items;
    this.clusters = Math.max(Math.floor(items / ITEMS_PER_CLUSTER), INTERESTS);
    this.#uniform = uniformStream(seed);
    this.clusterOf = Int32Array.from({ length: items }, () => this.#below(this.clusters));
    this.codes = new Int8Array(items * DIM);
    this.idEmbeddings = new Float32Array((items + 1) * ID_WIDTH);
    const code = this.#view(DIM, TOPIC_SHARE, CLUSTER_SHARE);
    const id = this.#view(ID_WIDTH, ID_TOPIC_SHARE, ID_CLUSTER_SHARE);
    for (let item = 0; item < items; ++item) {
      const cluster = this.clusterOf[item]!;
      code(cluster, (d, value) => {
        this.codes[item * DIM + d] = Math.round(value * CODE_NORM);
      });
      id(cluster, (d, value) => {
        this.idEmbeddings[(item + 1) * ID_WIDTH + d] = value;
      });
    }
  }

  drawUser(length: number): PlantedUser {
    const interests = new Set<number>();
    while (interests.size < INTERESTS) interests.add(this.#below(this.clusters));
    const members = [...interests].map((cluster) => this.#membersOf(cluster));
    const behaviours = Int32Array.from({ length }, (_, position) => {
      if (this.#uniform() < STRAY_SHARE) return this.#below(this.items);
      const of = members[Math.floor((position * INTERESTS) / length)]!;
      return of[this.#below(of.length)]!;
    });
    return { interests, behaviours };
  }

  #membersOf(cluster: number): number[] {
    const members: number[] = [];
    for (let item = 0; item < this.items; ++item) {
      if (this.clusterOf[item] === cluster) members.push(item);
    }
    // A small corpus may have left one empty.
    return members.length > 0 ? members : [this.#below(this.items)];
  }

  /** Draws unit vectors around clusters around topics. */
  #view(width: number, topicShare: number, clusterShare: number) {
    const direction = () => Float32Array.from({ length: width }, () => this.#normal());
    const topics = Math.ceil(this.clusters / CLUSTERS_PER_TOPIC);
    const topic = Array.from({ length: topics }, direction);
    const centre = Array.from({ length: this.clusters }, direction);
    const [ofTopic, ofCluster] = [Math.sqrt(topicShare), Math.sqrt(clusterShare)];
    const own = Math.sqrt(1 - topicShare - clusterShare);
    const drawn = new Float32Array(width);
    return (cluster: number, write: (d: number, value: number) => void) => {
      const about = topic[cluster % topics]!;
      let squares = 0;
      for (let d = 0; d < width; ++d) {
        const value = ofTopic * about[d]! + ofCluster * centre[cluster]![d]! + own * this.#normal();
        drawn[d] = value;
        squares += value * value;
      }
      const scale = 1 / Math.sqrt(squares);
      for (let d = 0; d < width; ++d) write(d, drawn[d]! * scale);
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#uniform() * limit);
  }

  /** Nearly normal, of variance 1: a sum of uniforms is cheaper than logarithms for 10^8 of them. */
  #normal(): number {
    const sum = this.#uniform() + this.#uniform() + this.#uniform() + this.#uniform();
    return (sum - 2) * Math.sqrt(3);
  }
}
