/** Everything but the tests that must hold before a change is accepted. Runs all of it, then tells what failed. */
import { ensureBuilt } from './build.mjs';
import { root } from './paths.mjs';
import { run } from './process.mjs';

/**
 * @typedef {{ readonly name: string, readonly command: readonly string[], readonly built?: boolean }} Step
 * @type {readonly Step[]}
 */
const steps = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
  { name: 'types of the package', command: ['tsc', '--noEmit'] },
  { name: 'types of all', command: ['tsc', '-p', 'tsconfig.test.json'] },
  { name: 'types of the scripts', command: ['tsc', '-p', 'scripts'] },
  { name: 'unused code (knip)', command: ['knip', '--no-progress'] },
  { name: 'links of the documentation', command: ['node', 'scripts/check-docs.ts'] },
  {
    name: 'pages of the providers',
    command: ['node', 'scripts/capability-docs.ts', '--check'],
  },
  {
    name: 'code of the documentation',
    command: ['vitest', 'run', '--config', 'test/docs/vitest.config.ts', '--reporter=dot'],
    built: true,
  },
  {
    name: 'package and set-up as users get them',
    command: [
      'vitest',
      'run',
      '--config',
      'test/packaging-checks/vitest.config.ts',
      '--reporter=dot',
    ],
    built: true,
  },
  { name: 'API report', command: ['node', 'scripts/api-report.ts', '--check'], built: true },
  { name: 'schema for editors', command: ['node', 'scripts/config-schema.ts', '--check'] },
  { name: 'package (publint)', command: ['publint', '--strict'], built: true },
  {
    name: 'types as users see them (attw)',
    command: ['attw', '--pack', '.', '--profile', 'esm-only'],
    built: true,
  },
];

/** @param {readonly string[]} only names of steps, or parts of them; all when empty */
export async function check(only) {
  const chosen = steps.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) throw new Error(`no check has a name like ${only.join(' or ')}`);
  /** @type {string[]} */
  const failed = [];
  for (const step of chosen) {
    const started = performance.now();
    const { code, output } = await perform(step);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? '✔' : '✘'} ${step.name} (${seconds} s)\n`);
    if (code === 0) continue;
    failed.push(step.name);
    process.stdout.write(`${output.trimEnd()}\n\n`);
  }
  if (failed.length === 0) return 0;
  process.stdout.write(`check failed: ${failed.join(', ')}\n`);
  return 1;
}

/** @param {Step} step */
async function perform({ command, built }) {
  try {
    if (built) await ensureBuilt();
    const [program = '', ...words] = command;
    return await run(program, words, { capture: true, cwd: root });
  } catch (error) {
    return { code: 1, output: error instanceof Error ? error.message : String(error) };
  }
}
