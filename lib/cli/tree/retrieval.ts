/** A request over a tree, made ready once: the user's history and the scorer. */

import {
  type Duplicates,
  History,
  type IndexTree,
  type Retrieved,
  TreeScorer,
} from '../../index.js';
import { codedError } from '../../support/errors.js';
import { requestName } from '../requests/request-text.js';
import { readTreeRequest, type TreeRequest } from '../requests/tree-request.js';

export interface RetrievalOptions {
  readonly tree: string;
  readonly weights?: string;
  /** Of the weights' items. */
  readonly duplicates?: Duplicates;
  readonly request?: string;
  /** Most items to return. */
  readonly top: number;
}

export class Retrieval {
  readonly #tree: IndexTree;
  readonly #history: History;
  readonly #scorer: TreeScorer | undefined;
  readonly #request: TreeRequest;
  readonly #top: number;

  private constructor(
    tree: IndexTree,
    request: TreeRequest,
    scorer: TreeScorer | undefined,
    top: number,
  ) {
    this.#tree = tree;
    this.#request = request;
    this.#scorer = scorer;
    this.#top = top;
    this.#history = new History(tree.table);
    if (request.history !== undefined) this.#history.append(request.history);
  }

  static async of(tree: IndexTree, options: RetrievalOptions): Promise<Retrieval> {
    const { weights, duplicates, request: path, top } = options;
    const request = await readTreeRequest(path);
    const scorer =
      weights === undefined ? undefined : await TreeScorer.open(weights, { duplicates });
    if (scorer !== undefined && scorer.innerNodes !== tree.builtInner) {
      throw codedError(
        'ERR_KLEIO_SHAPE',
        `${weights}: has embeddings of ${scorer.innerNodes} inner nodes, ${options.tree} was built with ${tree.builtInner}: it belongs to another tree`,
      );
    }
    requireUser(request, path, scorer?.userWidth ?? tree.dim);
    return new Retrieval(tree, request, scorer, top);
  }

  /** Behaviours of the user, and the different items of the tree among them. */
  get history(): { readonly behaviours: number; readonly distinct: number } {
    return { behaviours: this.#history.length, distinct: this.#history.distinct };
  }

  /** What was found, and the milliseconds of the search alone. */
  async search(beam: number): Promise<{ found: Retrieved; elapsedMs: number }> {
    const { history: _, ...request } = this.#request;
    const scorer = this.#scorer === undefined ? {} : { scorer: this.#scorer };
    const started = performance.now();
    const found = await this.#tree.search({
      ...request,
      ...scorer,
      history: this.#history,
      beam,
      n: this.#top,
      beams: true,
    });
    return { found, elapsedMs: performance.now() - started };
  }

  close(): void {
    this.#history.close();
    this.#scorer?.close();
  }
}

/** Said here, where the file is known, rather than by the search. */
function requireUser({ user }: TreeRequest, path: string | undefined, width: number): void {
  const actual = user?.length ?? 0;
  if (actual === width) return;
  const expected = `user must have ${width} numbers, as the scorer reads; got ${actual}`;
  if (path === undefined) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `without --request nothing is known of the user: ${expected}`,
    );
  }
  throw codedError('ERR_KLEIO_SHAPE', `${requestName(path)}: ${expected}`);
}
