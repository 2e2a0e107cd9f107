/** What there is to find out on a machine with a GPU: stages, each with what is most worth knowing first. */

import type { Job } from './job.js';

export const STAGES = ['contact', 'correct', 'record', 'inspect', 'cpu'] as const;
export type StageName = (typeof STAGES)[number];

const DEVICE = 'cuda:0';
const PROGRAMS = 'build-cuda/Release';
const BENCH = [process.execPath, 'dist/cli.js', 'bench', '--json', '--device', DEVICE];
/** A search as search_times names it. */
const LARGE = '100000x1000x128x50xint8';
const VITEST = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run'];

export function jobsOf(stage: StageName, seed: string): Job[] {
  switch (stage) {
    case 'contact':
      return contact(seed);
    case 'correct':
      return correct(seed);
    case 'record':
      return record();
    case 'inspect':
      return inspect(seed);
    case 'cpu':
      return cpu(seed);
  }
}

/** What needs more of a checkout than a kit brings: compilers, npm, the tools of bench. */
const OUTSIDE_A_KIT = [
  'test/packaging.test.ts',
  'test/documentation.test.ts',
  'test/search-kernels.test.ts',
  'test/bench/**',
];

/** The tests of the CPU with the binary that has kernels for a GPU: it does all that the other one does. */
function cpu(seed: string): Job[] {
  const env = { KLEIO_TEST_EXCLUDE: OUTSIDE_A_KIT.join(','), KLEIO_SEED: seed };
  return [{ name: 'cpu', command: VITEST, env, prints: 'text', most: 3600 }];
}

/** Does it work at all, and what decides the next design question. */
function contact(seed: string): Job[] {
  return [
    { ...script('device', 'bench/gpu/device.mjs'), prints: 'document', gate: true },
    // By itself: an error of the device ends the process.
    rates('rates-wgmma', 'wgmma'),
    ...['bounds', 'margins'].map((section) => kernelSection(section, seed)),
    script('one-request', 'bench/gpu/one_request.mjs'),
    rates('rates', 'mma', 'memory', 'atomics', 'launches'),
    times('split', [
      `${LARGE}:blocks`,
      `${LARGE}:lists`,
      '100000x1x128x50xint8:blocks',
      '100000x100x128x50xint8:blocks',
    ]),
    // Each in a process of its own too: they are the newest.
    times('split-warp', [`${LARGE}:blocks:warp`, `${LARGE}:lists:warp`]),
    times('split-wgmma', [`${LARGE}:lists:warp:wgmma`]),
    peers('peaks', 'peaks'),
  ];
}

/** The bits of the definition: the kernels by themselves, then whatever the CPU promises. */
function correct(seed: string): Job[] {
  const sections = [
    'searches',
    'lists',
    'overflows',
    'misordered',
    'repeats',
    'compactions',
    'graphs',
  ];
  const env = { KLEIO_TEST_DEVICE: DEVICE, KLEIO_TEST_SCALE: '1', KLEIO_TEST_EXTENT: 'all' };
  return [
    ...sections.map((section) => kernelSection(section, seed)),
    {
      name: 'promises',
      // Each file has a context of its own on the one GPU.
      command: [...VITEST, '--project', 'device', '--poolOptions.forks.maxForks=6'],
      env: { ...env, KLEIO_SEED: seed },
      prints: 'text',
      most: 1800,
    },
  ];
}

const shape = (targets: string, length: string, dtype = 'int8', k = '50') =>
  ['--dtype', dtype, '--dim', '128', '--k', k, '--targets', targets, '--length', length] as const;
const MANY = shape('100,1000,2000', '100000');
const WARP = { KLEIO_CUDA_SELECT: 'warp' };
const LISTS = { KLEIO_DEVICE_SEARCH: 'lists' };

function record(): Job[] {
  const search = (name: string, words: readonly string[], env = {}) =>
    bench(name, 'search', words, env);
  const rank = (name: string, env = {}) =>
    bench(name, 'rank', ['--targets', '1,100,1000', '--length', '100000'], env);
  return [
    search('search-int8', shape('1000,1,100,16,2000', '100000')),
    rank('rank'),
    peers('torch-float32', 'search', '--dtype', 'float32', '--length', '100000'),
    peers('torch-bfloat16', 'search', '--dtype', 'bfloat16', '--length', '100000'),
    times('kernels', []),
    search('search-step-by-step', shape('1,100,1000', '100000'), { KLEIO_CUDA_GRAPHS: '0' }),
    rank('rank-step-by-step', { KLEIO_CUDA_GRAPHS: '0' }),
    ...['0', '8'].map((most) =>
      search(`search-one-launch-${most}`, shape('1,2,4,8', '1000,10000,100000'), {
        KLEIO_CUDA_ONE_LAUNCH: most,
      }),
    ),
    search('search-warp', MANY, WARP),
    search('search-lists', MANY, LISTS),
    search('search-lists-warp', MANY, { ...LISTS, ...WARP }),
    search('search-lists-warp-wgmma', MANY, { ...LISTS, ...WARP, KLEIO_CUDA_APPEND: 'wgmma' }),
    peers('torch-attention', 'attention'),
    search('search-bfloat16', shape('1,100,1000', '100000', 'bfloat16')),
    search('search-float32', shape('1,100,1000', '100000', 'float32')),
    search('search-k-1024', shape('1000', '100000', 'int8', '1024')),
    search('search-int8-lengths', shape('1,100,1000', '10000,1000000')),
    peers('torch-lengths', 'search', '--dtype', 'bfloat16', '--length', '10000', '1000000'),
    bench('search-many', 'search-many', ['--targets', '128', '--length', '100000']),
  ];
}

/** Under checkers, which slow a kernel down a thousand times: shapes are small. */
function inspect(seed: string): Job[] {
  const [memory, races, ...others] = ['memcheck', 'racecheck', 'initcheck', 'synccheck'].map(
    (tool) => checked(tool, seed),
  );
  return [...memory!, ...profiles(), ...races!, ...others.flat()];
}

function checked(tool: string, seed: string): Job[] {
  const checker = ['compute-sanitizer', '--tool', tool, '--error-exitcode', '1'];
  // Tests fetch whole lists, of which kernels write what there is, and fill memory themselves.
  const ofTests = tool === 'initcheck' ? ['--check-api-memory-access', 'no'] : [];
  return [
    {
      name: `${tool}-request`,
      command: [...checker, process.execPath, 'bench/gpu/one_request.mjs'],
      prints: 'text',
      most: 180,
      needs: 'compute-sanitizer',
    },
    ...['searches', 'lists'].map(
      (section): Job => ({
        name: `${tool}-${section}`,
        command: [...checker, ...ofTests, `${PROGRAMS}/gpu_kernel_tests`, section, seed, '8'],
        env: tool === 'initcheck' ? { KLEIO_TEST_UNFILLED: '1' } : {},
        prints: 'text',
        most: 180,
        needs: 'compute-sanitizer',
      }),
    ),
  ];
}

/** Of each kernel that a search by brute force spends its time in, the launches after the first. */
function profiles(): Job[] {
  // --clock-control none: the settings of the card stay as they are.
  const ncu = ['ncu', '--clock-control', 'none', '--launch-skip', '1', '--launch-count', '2'];
  const profile = (kernel: string, way: string): Job => ({
    name: `ncu-${kernel.replaceAll('_', '-')}-${way.replaceAll(':', '-')}`,
    command: [
      ...[...ncu, '--set', 'detailed', '--kernel-name', kernel],
      ...[`${PROGRAMS}/search_times`, `${LARGE}:${way}`],
    ],
    prints: 'text',
    most: 120,
    needs: 'ncu',
  });
  return [
    profile('scan_kernel', 'blocks'),
    profile('select_kernel', 'blocks'),
    profile('select_warp_kernel', 'lists:warp'),
    profile('append_kernel', 'lists'),
    profile('wgmma_append_kernel', 'lists:warp:wgmma'),
    profile('select_warp_kernel', 'blocks:warp'),
  ];
}

const script = (name: string, path: string): Job => ({
  name,
  command: [process.execPath, path],
  prints: 'text',
  most: 120,
});

const program = (name: string, [first, ...words]: readonly string[]): Job => ({
  name,
  command: [`${PROGRAMS}/${first}`, ...words],
  prints: 'text',
  most: 120,
});

const rates = (name: string, ...probes: readonly string[]): Job => ({
  ...program(name, ['tensor_core_rates', ...probes]),
  prints: 'lines',
});

const kernelSection = (section: string, seed: string): Job =>
  program(`kernels-${section}`, ['gpu_kernel_tests', section, seed]);

const times = (name: string, shapes: readonly string[]): Job => ({
  ...program(name, ['search_times', ...shapes]),
  prints: 'lines',
  most: 240,
});

const bench = (
  name: string,
  what: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Job => ({ name, command: [...BENCH, what, ...words], env, prints: 'document', most: 240 });

const peers = (name: string, ...words: readonly string[]): Job => ({
  name,
  command: ['python3', '-u', 'bench/gpu/torch_peers.py', ...words],
  prints: 'lines',
  most: 300,
  needs: 'PyTorch with CUDA',
});
