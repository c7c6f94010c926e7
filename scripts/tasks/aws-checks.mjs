/** The checks of the AWS adapter that need Python packages. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './process.mjs';
import { ensurePython } from './python.mjs';

/**
 * Checks the requests of the contract against the models in botocore. With the name of a file, those that the tests
 * recorded there (`POLYFAAS_RECORD_AWS=<file> npm test`); else the contract is run for them.
 * @param {readonly string[]} words
 */
export async function awsModels([recorded]) {
  const python = await ensurePython(['botocore==1.44.5', 'regex==2026.11.15']);
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-models-'));
  const file = join(folder, 'requests.jsonl');
  try {
    if (recorded === undefined) {
      const { code } = await run('node', ['test/aws-models/record.ts', file], { cwd: root });
      if (code !== 0) return code;
    } else {
      if (!existsSync(recorded)) throw new Error(`there is no file ${recorded}`);
      copyFileSync(recorded, file);
    }
    return (await run(python, ['test/aws-models/validate.py', file], { cwd: root })).code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the control-plane tests against the emulator moto. @param {readonly string[]} words */
export async function moto(words) {
  const python = await ensurePython(['moto[server]==5.2.1', 'boto3==1.44.5']);
  const env = { ...process.env, POLYFAAS_MOTO_PYTHON: python };
  const config = ['--config', 'test/moto/vitest.config.ts'];
  return (await run('vitest', ['run', ...config, ...words], { cwd: root, env })).code;
}

/** Lets the `aws` command line work with the fake: the one that is named, or one of our own. @param {readonly string[]} words */
export async function awsCli([command]) {
  const own = async () => join(dirname(await ensurePython(['awscli==1.46.2'])), 'aws');
  const program = command ?? (await own());
  return (await run('node', ['test/fakes/aws/cli-check.ts', program], { cwd: root })).code;
}
