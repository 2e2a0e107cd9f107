/** One HTML file that needs no network: the record, the style and the program that draws the plots. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import type { PageRecord } from './page-record.js';

/** The browser itself keeps the page from fetching anything, whatever a library would like. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

const FOLDER = join(__dirname, '..', 'page');

/** Within a script element `</` would end it. */
function embedded(text: string): string {
  return text.replaceAll('</', '<\\/');
}

export function pageOf(record: PageRecord): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(FOLDER, 'page.ts')],
    tsconfigRaw: {},
    bundle: true,
    minify: true,
    write: false,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const style = readFileSync(join(FOLDER, 'style.css'), 'utf8');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<meta http-equiv="content-security-policy" content="${POLICY}">`,
    '<link rel="icon" href="data:,">',
    `<style>${style}</style>`,
    '<body>',
    `<script type="application/json" id="record">${embedded(JSON.stringify(record))}</script>`,
    `<script>${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script>`,
    '</html>',
    '',
  ].join('\n');
}
