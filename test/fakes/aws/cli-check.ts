/**
 * A cross-check of the fake by a client that is not ours: the `aws` command line creates, invokes and describes a
 * function on it. `node test/fakes/aws/cli-check.ts [path of aws]`; `npm run test:aws-cli` brings an `aws` of its own.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, stdout } from 'node:process';
import { promisify } from 'node:util';
import { ZipFile } from 'yazl';
import { createAwsFake } from './index.ts';
import { FakeTime } from './core/clock.ts';

const run = promisify(execFile);
const [, , command = 'aws'] = argv;

const clock = new FakeTime(Date.now());
const fake = await createAwsFake({ clock });
const folder = await mkdtemp(join(tmpdir(), 'polyfaas-cli-'));

/** @param line words without spaces in them; the others come in `more`. */
async function aws(line: string, more: readonly string[] = []): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = fake.credentials;
  const { stdout: text } = await run(
    command,
    ['--endpoint-url', fake.endpoint, ...line.split(' '), ...more],
    {
      env: {
        PATH: env['PATH'] ?? '',
        HOME: folder,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_PAGER: '',
      },
    },
  );
  stdout.write(`✔ aws ${line.split(' ', 2).join(' ')}\n`);
  return text.trim();
}

async function zipped(): Promise<string> {
  const zip = new ZipFile();
  const code = 'export const handler = async (event) => ({ echoed: event });';
  zip.addBuffer(Buffer.from(code), 'index.mjs');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  const file = join(folder, 'function.zip');
  await writeFile(file, Buffer.concat(chunks));
  return file;
}

try {
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  const role = await aws('iam create-role --role-name cli --query Role.Arn --output text', [
    '--assume-role-policy-document',
    trust,
  ]);
  await clock.advance(10_000);
  await aws(
    'lambda create-function --function-name cli --runtime nodejs24.x --handler index.handler',
    ['--role', role, '--zip-file', `fileb://${await zipped()}`],
  );
  await clock.advance(10_000);
  await aws('lambda wait function-active-v2 --function-name cli');
  const described = await aws('lambda get-function --function-name cli --output text', [
    '--query',
    'Configuration.[State,Runtime,Handler,MemorySize]',
  ]);
  assert.equal(described, 'Active\tnodejs24.x\tindex.handler\t128');
  const answer = join(folder, 'answer.json');
  const status = await aws(
    'lambda invoke --function-name cli --payload {"order":7} --query StatusCode --output text',
    [...(await takesBinary()), answer],
  );
  assert.equal(status, '200');
  assert.deepEqual(JSON.parse(await readFile(answer, 'utf8')), { echoed: { order: 7 } });
  await aws('lambda delete-function --function-name cli');
  await aws('iam delete-role --role-name cli');
  assert.deepEqual(fake.inventory(), []);
  stdout.write('the aws command line and the fake understand each other\n');
} finally {
  await fake.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Version 2 of the command line reads payloads as base64 unless told otherwise; version 1 has no such flag. */
async function takesBinary(): Promise<readonly string[]> {
  const { stdout: text } = await run(command, ['--version']);
  return text.includes('aws-cli/1.') ? [] : ['--cli-binary-format', 'raw-in-base64-out'];
}
