/**
 * Runs a task of this repository, after setting up what is missing: `node scripts/run.mjs <task> [arguments]`.
 * Needs nothing but Node 20 and npm, so it is plain JavaScript without dependencies.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { awsCli, awsModels, moto } from './tasks/aws-checks.mjs';
import { azurite } from './tasks/azurite.mjs';
import { ensureBuilt } from './tasks/build.mjs';
import { check } from './tasks/check.mjs';
import { ensureInstalled, useToolchain } from './tasks/install.mjs';
import { withSetupLock } from './tasks/lock.mjs';
import { nodes } from './tasks/nodes.mjs';
import { root } from './tasks/paths.mjs';
import { run } from './tasks/process.mjs';

/** @param {string} command @param {readonly string[]} words */
const start = async (command, ...words) => (await run(command, words, { cwd: root })).code;

/** Runs the named benchmarks, or all, one after the other. @param {readonly string[]} names */
async function bench(names) {
  const all = readdirSync(join(root, 'bench')).flatMap(
    (file) => /^(.+)\.ts$/.exec(file)?.[1] ?? [],
  );
  const unknown = names.filter((one) => !all.includes(one));
  if (unknown.length > 0)
    throw new Error(`there is no benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  for (const one of names.length > 0 ? names : all) {
    process.stdout.write(`\n# ${one}\n`);
    const code = await start('node', `bench/${one}.ts`);
    if (code !== 0) return code;
  }
  return 0;
}

/** @type {Readonly<Record<string, { built: boolean, run: (words: string[]) => number | Promise<number> }>>} */
const tasks = {
  setup: { built: true, run: () => 0 },
  start: { built: true, run: (words) => start('node', 'examples/demo/main.ts', ...words) },
  'demo:clouds': { built: true, run: (words) => start('node', 'test/clouds/demo.ts', ...words) },
  test: { built: true, run: (words) => start('vitest', 'run', ...words) },
  'test:clouds': {
    built: true,
    run: (words) => start('vitest', 'run', '--config', 'test/clouds/vitest.config.ts', ...words),
  },
  'test:faults': {
    built: true,
    run: (words) => start('vitest', 'run', '--config', 'test/faults/vitest.config.ts', ...words),
  },
  'test:fakes': {
    built: true,
    run: (words) => start('vitest', 'run', '--config', 'test/fakes/vitest.config.ts', ...words),
  },
  'test:nodes': { built: true, run: (words) => nodes(words) },
  'test:aws-models': { built: true, run: (words) => awsModels(words) },
  'test:aws-cli': { built: true, run: (words) => awsCli(words) },
  'test:moto': { built: false, run: (words) => moto(words) },
  'test:azurite': { built: false, run: (words) => azurite(words) },
  check: { built: false, run: (words) => check(words) },
  build: { built: false, run: () => ensureBuilt({ force: true }).then(() => 0) },
  format: { built: false, run: (words) => start('oxfmt', ...words) },
  lint: { built: false, run: (words) => start('oxlint', ...words) },
  types: { built: false, run: (words) => start('tsc', '-p', 'tsconfig.test.json', ...words) },
  api: {
    built: true,
    run: async (words) =>
      (await start('node', 'scripts/api-report.ts', ...words)) ||
      start('node', 'scripts/config-schema.ts', ...words),
  },
  docs: { built: false, run: (words) => start('node', 'scripts/capability-docs.ts', ...words) },
  bench: { built: true, run: (words) => bench(words) },
};

const [name = '', ...words] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
try {
  if (!task)
    throw new Error(`there is no task "${name}"; there are: ${Object.keys(tasks).join(', ')}`);
  await withSetupLock(async () => {
    await ensureInstalled();
    useToolchain();
    if (task.built) await ensureBuilt();
  });
  process.exitCode = await task.run(words);
} catch (error) {
  process.stderr.write(`polyfaas: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
