/** The Nodes that users have: the oldest that `engines` allows, and the newest. The repository itself runs on the one between. */
import { root } from './paths.mjs';
import { run } from './process.mjs';

const VERSIONS = ['22.18.0', '26.10.0'];

const VITEST = ['run', '--reporter=dot', '--config', 'test/nodes/vitest.config.ts'];

/** How processes, folders of packages, and disks that fail, behave, at more length than `npm test` looks at it. */
const AT_LENGTH = [
  'test/contract/local-processes.nodes.ts',
  'test/unit/gcp-review/process.nodes.ts',
  'test/unit/local-runtime/memory.nodes.ts',
  'test/unit/local-runtime/host-gone.nodes.ts',
  'test/packaging/resolution.nodes.ts',
  'test/packaging/cache.nodes.ts',
  'test/packaging/cache-prune.nodes.ts',
  'test/unit/local-runtime/limits.nodes.ts',
  'test/unit/local-provider/damage.nodes.ts',
  'test/unit/local-provider/misfortune.nodes.ts',
  'test/unit/local-events/crash.nodes.ts',
];

/** What depends on Node most: instances, files, SQLite, HTTP, modules and their loading. */
const TESTS = [
  'test/contract/local.test.ts',
  ...AT_LENGTH,
  'test/unit/local-',
  'test/unit/config',
  'test/unit/function',
  'test/unit/http',
  'test/unit/package',
  'test/unit/shims',
  'test/packaging/',
  'test/e2e/processes.test.ts',
];

/**
 * Runs the main job and those tests on each version, and what no other run has on the repository's own.
 *
 * @param {readonly string[]} words versions, in place of those above
 */
export async function nodes(words) {
  if (process.platform !== 'linux')
    throw new Error('npm has these Nodes for Linux only: run the tests with another Node by hand');
  const own = await run('vitest', [...VITEST, ...AT_LENGTH], { cwd: root });
  if (own.code !== 0) return own.code;
  for (const version of words.length > 0 ? words : VERSIONS) {
    process.stdout.write(`\n# Node ${version}\n`);
    const code = await runOn(version);
    if (code !== 0) return code;
  }
  return 0;
}

/** @param {string} version */
async function runOn(version) {
  // By the file, since a script of npm's would find the repository's own Node first.
  const tests = ['node_modules/vitest/vitest.mjs', ...VITEST, ...TESTS].join(' ');
  const line = `node --version && node examples/demo/main.ts && node ${tests}`;
  const node = `node-linux-${process.arch}@${version}`;
  return (await run('npx', ['--yes', '--package', node, '--call', line], { cwd: root })).code;
}
