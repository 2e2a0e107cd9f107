/** The package loaded within a realm of its own, as test runners do: objects here and there have other prototypes. */
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { createContext, runInContext } from 'node:vm';

// Nothing else of what Node.js puts beside the language: runners for browsers' code leave most of it out.
const { process, URL } = globalThis;
const realm = createContext({ process, URL });

const loaded = new Map();

function load(path) {
  const before = loaded.get(path);
  if (before !== undefined) return before.exports;
  const require = createRequire(path);
  const module = { exports: {} };
  loaded.set(path, module);
  if (path.endsWith('.json')) module.exports = JSON.parse(readFileSync(path, 'utf8'));
  else if (path.endsWith('.node')) module.exports = require(path);
  else {
    const within = (name) => (isBuiltin(name) ? require(name) : load(require.resolve(name)));
    const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
    const run = runInContext(text, realm, { filename: path });
    run(
      module.exports,
      Object.assign(within, { resolve: require.resolve }),
      module,
      path,
      dirname(path),
    );
  }
  return module.exports;
}

realm.kleio = load(createRequire(import.meta.url).resolve('../../dist/index.js'));
[realm.input, realm.output] = process.argv.slice(2);
const results = await runInContext(
  `(async () => {
    const { EmbeddingTable, History, IndexTree, Ranker, KleioError, auc } = kleio;
    const values = Float32Array.from({ length: 80 }, (_, i) => ((i * 7) % 11) - 5);
    const ids = BigInt64Array.from({ length: 10 }, (_, i) => BigInt(i));
    const table = EmbeddingTable.from(values, { dim: 8, ids });
    const history = new History(table);
    history.append(ids);
    const target = new Float32Array(8).fill(1);
    const options = { by: 'cosine', k: 3 };
    const tree = await IndexTree.build(table, { onProgress() {} });
    await tree.save(output);
    const search = { user: target, beam: Infinity, n: 3 };
    const itemsOf = async (of) => [...(await of.search(search)).items].map(String);
    const thrown = async (call) => {
      try {
        await call();
      } catch (error) {
        const kind = [KleioError, TypeError, RangeError].find((kind) => error instanceof kind);
        return [error.code, kind?.name ?? null, error instanceof Error];
      }
    };
    return {
      here: [...history.searchSync(target, options).positions],
      there: [...(await history.search(target, options)).positions],
      built: await itemsOf(tree),
      opened: await itemsOf(await IndexTree.open(new URL('file://' + output))),
      rows: (await EmbeddingTable.open(input)).rows,
      auc: auc([0.1, 0.9], [0, 1]),
      errors: {
        file: await thrown(() => EmbeddingTable.open(output + '-missing')),
        argument: await thrown(() => EmbeddingTable.from([1, 2], { dim: 1 })),
        range: await thrown(() => history.searchSync(target, { ...options, k: 0 })),
        closed: await thrown(() => (history.close(), history.length)),
        notFinite: await thrown(() => EmbeddingTable.from(Float32Array.of(NaN), { dim: 1 })),
        format: await thrown(() => Ranker.open(input)),
        aborted: await thrown(() => IndexTree.build(table, { signal: { ...{ aborted: true } } })),
      },
    };
  })()`,
  realm,
);
console.log(JSON.stringify(results));
