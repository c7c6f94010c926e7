import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listAt, parsedJson, textAt } from 'polyfaas/spi';
import { describe, expect, it, onTestFinished } from 'vitest';
import { classify } from '../../../providers/vercel/errors.ts';
import { keepEnvironment } from '../../support/environment.ts';
import {
  clientsOf,
  failureOf,
  NEVER,
  serve,
  until,
  type Said,
  type Seen,
  type Server,
} from './server.ts';

const CONFIG = '{"version":3}';
const CODE = 'export default () => {};\n';

async function output(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-deploy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const func = join(folder, '.vercel/output/functions/polyfaas/main.func');
  await mkdir(func, { recursive: true });
  await writeFile(join(folder, '.vercel/output/config.json'), CONFIG);
  await writeFile(join(func, 'index.mjs'), CODE);
  await writeFile(join(folder, 'secret.txt'), 'not for Vercel');
  return folder;
}

/** Vercel as far as a deploy goes; what it is told to say goes before. */
async function vercelServer(
  says: (request: Seen) => Said | undefined = () => undefined,
): Promise<Server & { readonly uploaded: Set<string> }> {
  const uploaded = new Set<string>();
  const server = await serve((request) => {
    const said = says(request);
    if (said !== undefined) return said;
    if (request.path === '/v2/files') {
      uploaded.add(createHash('sha1').update(request.body).digest('hex'));
      return { body: {} };
    }
    const missing = shasIn(request).filter((sha) => !uploaded.has(sha));
    if (missing.length > 0) {
      return { status: 400, body: { error: { code: 'missing_files', message: 'x', missing } } };
    }
    return { body: { id: 'dpl_1', url: 'shop-1.vercel.app', readyState: 'QUEUED' } };
  });
  return { ...server, uploaded };
}

function shasIn({ body }: Seen): readonly string[] {
  const files = listAt(parsedJson(body.toString()), 'files');
  return files.map((file) => textAt(file, 'sha') ?? '');
}

const isUpload = ({ path }: Seen): boolean => path === '/v2/files';
const isPost = ({ path }: Seen): boolean => path === '/v13/deployments';

describe('a deployment', () => {
  it('sends the modes that files are said to have, whatever those on the disk are', async () => {
    const server = await vercelServer();
    const path = '.vercel/output/functions/polyfaas/main.func/index.mjs';
    const modes = new Map([[path, 0o100755]]);
    await clientsOf(server).deploy({ folder: await output(), modes, body: {}, signal: NEVER });
    const sent = server.seen.findLast(isPost)?.body.toString() ?? '';
    const files = listAt(parsedJson(sent), 'files');
    expect(files.find((file) => textAt(file, 'file') === path)).toMatchObject({ mode: 0o100755 });
  });

  it('uploads what is missing, and is told as soon as Vercel has it', async () => {
    const server = await vercelServer();
    const folder = await output();
    const body = { name: 'shop', project: 'prj_1', target: 'production', meta: { a: 'b' } };
    const made = await clientsOf(server).deploy({ folder, body, signal: NEVER });
    expect(made).toEqual({ id: 'dpl_1', host: 'shop-1.vercel.app' });
    expect(server.uploaded).toEqual(
      new Set([CONFIG, CODE].map((text) => createHash('sha1').update(text).digest('hex'))),
    );
    // It is not asked how it is getting on.
    expect(server.seen.filter(({ method }) => method !== 'POST')).toHaveLength(0);
    const posts = server.seen.filter(isPost);
    expect(posts).toHaveLength(2);
    for (const { headers, query } of server.seen) {
      expect(headers.authorization).toBe('Bearer token-1');
      expect(new URLSearchParams(query).getAll('teamId')).toStrictEqual(['team_1']);
    }
    const sent: unknown = JSON.parse(posts[1]?.body.toString() ?? '');
    expect(sent).toMatchObject(body);
    expect(new URLSearchParams(posts[1]?.query).get('prebuilt')).toBe('1');
  });

  it('leaves what it was asked as it was, so that it can be asked again', async () => {
    const server = await vercelServer();
    const request = { folder: await output(), body: { name: 'shop', meta: {} }, signal: NEVER };
    const vercel = clientsOf(server);
    await vercel.deploy(request);
    await vercel.deploy(request);
    expect(request.body).toStrictEqual({ name: 'shop', meta: {} });
    expect(server.seen.filter(isUpload)).toHaveLength(2);
  });

  it('goes to the team of the settings, whatever the environment says', async () => {
    onTestFinished(keepEnvironment());
    process.env['VERCEL_TEAM_ID'] = 'team_of_the_environment';
    const request = { folder: await output(), body: { name: 'shop' }, signal: NEVER };
    for (const [team, expected] of [
      ['team_1', { teamId: 'team_1' }],
      ['acme', { slug: 'acme' }],
      [null, {}],
    ] as const) {
      const server = await vercelServer();
      await clientsOf(server, { team }).deploy(request);
      for (const { query } of server.seen) {
        const { teamId, slug } = Object.fromEntries(new URLSearchParams(query));
        const sent = { ...(teamId && { teamId }), ...(slug && { slug }) };
        expect(sent).toStrictEqual(expected);
        expect(new URLSearchParams(query).getAll('teamId').length).toBeLessThan(2);
      }
    }
  });

  it('that is refused rejects with the refusal', async () => {
    const error = { code: 'forbidden', message: 'Not authorized', invalidToken: true };
    const server = await vercelServer(() => ({ status: 403, body: { error } }));
    const failure = await failureOf(deploying(server, await output()));
    expect(failure).toMatchObject({
      name: 'VercelApiError',
      status: 403,
      code: 'forbidden',
      reason: 'invalidToken',
      call: 'POST /v13/deployments',
    });
  });

  it('tells how long to wait when there are too many, by the body and by the header', async () => {
    const limit = { total: 100, remaining: 0, reset: 1_786_400_030 };
    const error = { code: 'rate_limited', message: 'Too many', limit };
    for (const [headers, expected] of [
      [{}, 30_000],
      [{ 'retry-after': '4' }, 4_000],
    ] as const) {
      const server = await vercelServer(() => ({ status: 429, headers, body: { error } }));
      const vercel = clientsOf(server, {}, () => 1_786_400_000_000);
      const folder = await output();
      const failure = await failureOf(vercel.deploy({ folder, body: {}, signal: NEVER }));
      expect(failure).toMatchObject({ status: 429, retryAfterMs: expected });
      expect(server.seen).toHaveLength(1);
    }
  });

  it('tells the status of what is no JSON', async () => {
    const server = await vercelServer(() => ({ status: 503, body: '<html>busy</html>' }));
    const failure = await failureOf(deploying(server, await output()));
    expect(failure).toMatchObject({ name: 'VercelApiError', status: 503 });
    expect(classify(failure)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('is unreadable when the answer was cut off', async () => {
    const server = await vercelServer((request) =>
      isPost(request) ? { body: '{"id":' } : undefined,
    );
    const failure = await failureOf(deploying(server, await output()));
    expect(classify(failure)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('whose upload is refused or fails rejects with the status of that', async () => {
    const text = { status: 500, body: 'oops' };
    const limited = { status: 429, body: { error: { code: 'rate_limited', message: 'Too many' } } };
    const broken = {
      status: 500,
      body: { error: { code: 'internal_server_error', message: 'x' } },
    };
    for (const said of [text, limited, broken]) {
      const server = await vercelServer((request) => (isUpload(request) ? said : undefined));
      const failure = await failureOf(deploying(server, await output()));
      expect(failure).toMatchObject({ name: 'VercelApiError', status: said.status });
      expect(classify(failure).retryable).toBe(true);
    }
  });

  it('whose connection breaks tells that', async () => {
    const server = await vercelServer((request) =>
      isPost(request) ? { resets: true } : undefined,
    );
    const failure = await failureOf(deploying(server, await output()));
    expect(classify(failure)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('that is given up ends at once, with all that is under way', async () => {
    for (const isHeld of [isPost, isUpload]) {
      const server = await vercelServer((request) =>
        isHeld(request) ? { hangs: true } : undefined,
      );
      const controller = new AbortController();
      const reason = new Error('enough');
      const call = deploying(server, await output(), controller.signal);
      const failure = failureOf(call);
      await until(() => server.seen.some(isHeld));
      controller.abort(reason);
      expect(await failure).toBe(reason);
      await expect.poll(() => server.abandoned()).toBeGreaterThan(0);
    }
  });

  it('ends with the clients', async () => {
    const server = await vercelServer(() => ({ hangs: true }));
    const vercel = clientsOf(server);
    const folder = await output();
    const failure = failureOf(vercel.deploy({ folder, body: {}, signal: NEVER }));
    await until(() => server.seen.length > 0);
    await vercel.close();
    expect(await failure).toBeInstanceOf(Error);
    await expect.poll(() => server.abandoned()).toBe(1);
  });

  it('of a folder without an output says so', async () => {
    const server = await vercelServer();
    const folder = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-empty-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(await failureOf(deploying(server, folder))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(server.seen).toHaveLength(0);
  });

  it('goes nowhere without a token', async () => {
    const server = await vercelServer();
    const vercel = clientsOf(server, { token: '' });
    const call = vercel.deploy({ folder: await output(), body: {}, signal: NEVER });
    expect(await failureOf(call)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(server.seen).toHaveLength(0);
  });
});

function deploying(server: Server, folder: string, signal: AbortSignal = NEVER): Promise<unknown> {
  return clientsOf(server).deploy({ folder, body: { name: 'shop' }, signal });
}
