/** The packaged entry, as Vercel's own code for functions loads it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envVariable } from '../../../providers/vercel/manifest.ts';
import { packagingProfile } from '../../../providers/vercel/shim/packaging.ts';
import { call, KEYS, manifest, policy } from './running.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const VENDOR = join(ROOT, 'node_modules/@vercel/node/dist/bundling-handler.js');
const ENV = envVariable('v1');
const VARIABLES = {
  POLYFAAS_INVOKE_KEYS: KEYS,
  CRON_SECRET: 'cron',
  [ENV]: JSON.stringify({ COLOR: 'grün' }),
  [envVariable('v2')]: JSON.stringify({ COLOR: 'of another version' }),
  orders_db: 'postgres://',
};

/** Vercel's launcher, as far as it goes: requests over HTTP, given to the vendor's handler. */
const LAUNCHER = `
  const handler = require(${JSON.stringify(VENDOR)});
  const server = require('node:http').createServer((request, response) => {
    request.headers['x-matched-path'] = '/index';
    handler(request, response).catch(() => response.writeHead(500).end('FUNCTION_INVOCATION_FAILED'));
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
`;

const profile = packagingProfile({ zipBytes: 1, unpackedBytes: 1 });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyfaas-entry-'));
  const code = `
    import { createEntry } from ${JSON.stringify(profile.shim.modulePath)};
    import { bindHandler } from 'polyfaas/function';
    if (process.env.COLOR === 'broken') throw new TypeError('no colour');
    const names = ['COLOR', 'DB', 'CRON_SECRET', 'POLYFAAS_INVOKE_KEYS', '${ENV}', '${envVariable('v2')}'];
    const invoke = () => names.map((name) => process.env[name] ?? null);
    const http = async (request) => new Response((await request.text()) + new URL(request.url).search);
    export const { register } = createEntry(bindHandler({ default: { invoke, http } }));`;
  const built = await build({
    stdin: { contents: code, resolveDir: ROOT },
    tsconfig: join(ROOT, 'tsconfig.json'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: profile.target,
    write: false,
  });
  const bindings = [policy({ type: 'http', methods: ['ANY'], path: '/{rest+}', enabled: true })];
  const files = {
    ...profile.files,
    [profile.entryFile]: built.outputFiles[0]?.text ?? '',
    'launcher.cjs': LAUNCHER,
    'polyfaas.json': JSON.stringify(
      manifest({ envVariable: ENV, secrets: { DB: 'orders_db' }, bindings }),
    ),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function launch(variables: Readonly<Record<string, string>>) {
  const child = fork(join(folder, 'launcher.cjs'), {
    cwd: folder,
    env: { ...variables, PATH: process.env['PATH'] },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const [port]: unknown[] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${String(port)}`,
    said,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await said;
    },
  };
}

describe('the packaged entry', () => {
  it('gives the code its own variables and secrets, and none of ours', async () => {
    await using running = await launch(VARIABLES);
    const reply = await call(running.url, { kind: 'invoke' });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      $polyfaas: { version: 'v1', coldStart: true },
      data: ['grün', 'postgres://', null, null, null, null],
    });
  });

  it('answers http as it was sent', async () => {
    await using running = await launch(VARIABLES);
    const reply = await fetch(`${running.url}/a/b?x=%20`, { method: 'POST', body: 'body' });
    expect(await reply.text()).toBe('body?x=%20');
    expect((await fetch(`${running.url}/polyfaas/x`)).status).toBe(404);
  });

  it('says why code cannot be loaded, and answers nothing', async () => {
    const failing: readonly (readonly [Readonly<Record<string, string>>, object])[] = [
      [
        { ...VARIABLES, [ENV]: JSON.stringify({ COLOR: 'broken' }) },
        { error: { name: 'TypeError', message: 'no colour' }, version: 'v1' },
      ],
      [{ ...VARIABLES, [ENV]: 'no json, but a secret' }, { error: { name: 'Error' } }],
      [
        { POLYFAAS_INVOKE_KEYS: KEYS },
        { message: expect.stringContaining('orders_db is not there') },
      ],
    ];
    for (const [variables, said] of failing) {
      const running = await launch(variables);
      const reply = await call(running.url, { kind: 'verify' });
      expect(await reply.text()).toBe('FUNCTION_INVOCATION_FAILED');
      await running[Symbol.asyncDispose]();
      const [line = ''] = (await running.said).split('\n');
      expect(JSON.parse(line)).toMatchObject({ polyfaas: 'load-error', ...said });
      expect(await running.said).not.toContain('but a secret');
    }
  });
});
