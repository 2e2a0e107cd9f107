// Bundles the command line and the script of its pages with everything they need, so that the published
// package depends on nothing, and collects the licences of what went in. The library itself stays outside: dist/index.js.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { build } from 'esbuild';

/** What lib/cli takes of the library, from the files that the package ships. */
const libraryOutside = {
  name: 'library-outside',
  setup({ onResolve }) {
    const entries = /^(\.\.\/)+(index|binding\/(machine-peak|new-file))\.js$/;
    onResolve({ filter: entries }, ({ path }) => ({
      path: `./${path.replace(/^(\.\.\/)+/, '')}`,
      external: true,
    }));
  },
};

/** The bundle names the files of lib/bench/cases, which the repository's own programs find in the folder. */
const benchCases = {
  name: 'bench-cases',
  setup({ onLoad }) {
    onLoad({ filter: /bench\/harness\/case-list\.ts$/ }, ({ path }) => {
      const resolveDir = join(dirname(path), '..', 'cases');
      const files = readdirSync(resolveDir).sort();
      const imports = files.map((name, index) => `import case${index} from './${name}';`);
      const names = files.map((_, index) => `case${index}`);
      const contents = `${imports.join('\n')}\nexport const cases = [${names}];`;
      return { contents, resolveDir, loader: 'ts' };
    });
  },
};

const { metafile } = await build({
  entryPoints: ['lib/cli/main.ts'],
  outfile: 'dist/cli.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
  plugins: [libraryOutside, benchCases],
});

const page = await build({
  entryPoints: ['lib/cli/tree/tree-page.mjs'],
  outfile: 'dist/tree-page.js',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
});

const outputs = { ...metafile.outputs, ...page.metafile.outputs };
writeFileSync('dist/THIRD_PARTY_LICENSES.txt', licences(bundledPackages({ outputs })));

/** Folders of the packages whose code is in the bundle. */
function bundledPackages({ outputs }) {
  const folders = Object.values(outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}

function licences(folders) {
  const sections = folders.map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} carries no licence file`);
    const text = readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return `Packages bundled in dist/cli.js and dist/tree-page.js\n${rule}${sections.join(rule)}`;
}
