import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FunctionReply, ReadyDeployment } from '../../fakes/vercel/core/ports.ts';
import {
  createSmallWorld,
  handler,
  jsonOf,
  request,
  tells,
  type FunctionWish,
  type SmallWorld,
} from '../vercel-fake-edge/small-world.ts';

describe('instances of a function', () => {
  let small: SmallWorld;
  beforeEach(() => {
    small = createSmallWorld();
  });
  afterEach(() => small.stop());

  const deploy = (
    code: string,
    more: Partial<FunctionWish> = {},
    extra: Partial<ReadyDeployment> = {},
  ): ReadyDeployment => small.deploy({ index: { code, ...more } }, extra);
  const call = (deployment: ReadyDeployment, url = '/'): Promise<FunctionReply> =>
    small.edge.call(deployment, request(url));
  const said = async (deployment: ReadyDeployment, url = '/'): Promise<unknown> =>
    jsonOf(await call(deployment, url));
  const fate = async (deployment: ReadyDeployment, url = '/'): Promise<unknown[]> => {
    const { status, headers } = await call(deployment, url);
    return [status, headers[headers.indexOf('X-Vercel-Error') + 1]];
  };
  const printed = (): string => small.lines.map(({ text }) => text).join('\n');

  it('take the shapes of handlers that the vendor takes', async () => {
    expect(await said(deploy('export function GET() { return Response.json(1); }'))).toBe(1);
    const fetches =
      'export default { fetch: (request) => Response.json(new URL(request.url).pathname) };';
    expect(await said(deploy(fetches, {}, { routes: [{ src: '/.*', dest: '/' }] }), '/a/b')).toBe(
      '/a/b',
    );
    const common = 'module.exports = (request, response) => response.end("2");';
    expect(await said(deploy(common, { handler: 'api/main.cjs' }))).toBe(2);
  });

  it('have the function’s environment and no other', async () => {
    const deployment = deploy(
      tells('[process.env, process.cwd()]'),
      { environment: { OWN: 'o', BOTH: 'of the function' }, regions: ['fra1'] },
      {
        variables: { SET: 's', BOTH: 'of the project', VERCEL_ENV: 'mine' },
        host: 'h',
        productionHost: 'p',
      },
    );
    const told = await said(deployment);
    expect(told).toEqual([
      {
        PATH: process.env['PATH'],
        HOME: ['', 'home', 'sbx_user1051'].join('/'),
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
        NODE_ENV: 'production',
        SET: 's',
        OWN: 'o',
        BOTH: 'of the function',
        VERCEL: '1',
        VERCEL_ENV: 'production',
        VERCEL_TARGET_ENV: 'production',
        VERCEL_REGION: 'fra1',
        VERCEL_URL: 'h',
        VERCEL_PROJECT_PRODUCTION_URL: 'p',
        VERCEL_PROJECT_ID: 'prj_orders',
        VERCEL_DEPLOYMENT_ID: 'dpl_1',
        AWS_REGION: 'eu-central-1',
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        LAMBDA_TASK_ROOT: deployment.functions[0]?.folder,
        NOW_REGION: 'fra1',
      },
      deployment.functions[0]?.folder,
    ]);
  });

  it('see the platform’s time', async () => {
    const deployment = deploy(tells('Date.now()'));
    const before = Number(await said(deployment));
    expect(Math.abs(before - small.clock.now())).toBeLessThan(60_000);
    await small.clock.advance(3 * 3_600_000);
    expect(Number(await said(deployment)) - before).toBeGreaterThan(3 * 3_600_000 - 60_000);
  });

  it('serve again while they are warm, and end when they rest for long', async () => {
    const deployment = deploy(tells('[calls, process.pid]'));
    const [, pid] = [await said(deployment)].flat();
    await small.clock.advance(4 * 60_000);
    expect(await said(deployment)).toEqual([2, pid]);
    await small.clock.advance(5 * 60_000);
    const [calls, other] = [await said(deployment)].flat();
    expect(calls).toBe(1);
    expect(other).not.toBe(pid);
    expect(small.invocations.map(({ startType }) => startType)).toEqual(['cold', 'hot', 'cold']);
    expect(small.invocations[0]).toMatchObject({
      projectId: 'prj_orders',
      deploymentId: 'dpl_1',
      status: 200,
      provisionedMemoryMb: 256,
      route: '/index',
      errorCode: null,
    });
    expect(small.invocations[0]?.peakMemoryMb).toBeGreaterThan(0);
  });

  it('take as many requests at once as they may, and then there are more of them', async () => {
    // Nobody is answered before all four are there.
    const slow = (folder: string): string =>
      handler(`
  const { readdirSync, writeFileSync } = await import('node:fs');
  const folder = ${JSON.stringify(folder)};
  writeFileSync(folder + '/' + crypto.randomUUID(), '');
  while (readdirSync(folder).length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  response.end(String(process.pid));`);
    const pids = async (maxConcurrency: number): Promise<number> => {
      const folder = await mkdtemp(join(tmpdir(), 'polyfaas-four-'));
      const deployment = deploy(slow(folder), { maxConcurrency });
      const answers = await Promise.all(Array.from({ length: 4 }, () => said(deployment)));
      await rm(folder, { recursive: true });
      return new Set(answers).size;
    };
    expect(await pids(1)).toBe(4);
    expect(await pids(2)).toBe(2);
    expect(await pids(10)).toBe(1);
  });

  it('say why a module does not load, and fail again the next time', async () => {
    const deployment = deploy("throw new Error('no such setting');");
    expect(await fate(deployment)).toEqual([500, 'FUNCTION_INVOCATION_FAILED']);
    expect(await fate(deployment)).toEqual([500, 'FUNCTION_INVOCATION_FAILED']);
    expect(printed()).toMatch(/Error: no such setting\n +at file:.*index\.mjs:1/);
    expect(small.invocations.map(({ startType, errorCode }) => [startType, errorCode])).toEqual([
      ['cold', 'FUNCTION_INVOCATION_FAILED'],
      ['cold', 'FUNCTION_INVOCATION_FAILED'],
    ]);
  });

  it('fail one request alone, and serve nothing new after it', async () => {
    const gate = await mkdtemp(join(tmpdir(), 'polyfaas-gate-'));
    const code = handler(`
  if (request.url === '/throw') throw new Error('at once');
  if (request.url === '/later') setTimeout(() => { throw new Error('later'); }, 20);
  else if (request.url === '/reject') void Promise.reject(new Error('nobody listens'));
  else {
    const { existsSync, writeFileSync } = await import('node:fs');
    const gate = ${JSON.stringify(gate)};
    if (request.url.startsWith('/beside')) {
      const own = gate + request.url;
      writeFileSync(own + '.here', '');
      while (!existsSync(own + '.go')) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end(String(process.pid));
  }`);
    for (const url of ['/throw', '/later', '/reject']) {
      const deployment = deploy(
        code,
        { maxConcurrency: 2 },
        { routes: [{ src: '/.*', dest: '/' }] },
      );
      const path = `/beside${url.slice(1)}`;
      const beside = said(deployment, path);
      await vi.waitFor(() => expect(existsSync(`${gate}${path}.here`)).toBe(true), 20_000);
      expect(await fate(deployment, url)).toEqual([500, 'FUNCTION_INVOCATION_FAILED']);
      const pid = await said(deployment, '/next');
      await writeFile(`${gate}${path}.go`, '');
      expect(await beside).toEqual(expect.any(Number));
      expect(pid).not.toBe(await beside);
    }
    expect(printed()).toMatch(/at once[^]*later[^]*nobody listens/);
    await rm(gate, { recursive: true });
  });

  it('fail what is under way when they exit or are cut off', async () => {
    const code = handler(`
  if (request.url === '/exit') { console.log('bye'); process.exit(7); }
  if (request.url === '/cut') request.socket.destroy();
  else response.end('1');`);
    const deployment = deploy(code, {}, { routes: [{ src: '/.*', dest: '/' }] });
    expect(await fate(deployment, '/exit')).toEqual([500, 'FUNCTION_INVOCATION_FAILED']);
    expect(printed()).toMatch(/^bye\nNode\.js process exited with exit status: 7\./);
    expect(await fate(deployment, '/cut')).toEqual([502, 'NO_RESPONSE_FROM_FUNCTION']);
    expect(await said(deployment)).toBe(1);
  });

  it('are given so much time', async () => {
    const code = handler(
      "  if (request.url === '/') response.end(String(process.pid)); else if (request.url === '/loop') for (;;);",
    );
    const deployment = deploy(
      code,
      { maxDurationSeconds: 1 },
      { routes: [{ src: '/.*', dest: '/' }] },
    );
    const first = await said(deployment);
    for (const url of ['/never', '/loop'])
      expect(await fate(deployment, url)).toEqual([504, 'FUNCTION_INVOCATION_TIMEOUT']);
    expect(await said(deployment)).not.toBe(first);
    expect(small.lines.at(-1)).toMatchObject({
      text: 'Vercel Runtime Timeout Error: Task timed out after 1 seconds',
      stream: 'stderr',
      requestPath: '/loop',
      requestMethod: 'GET',
    });
  });

  it('are given so much memory', async () => {
    const code = handler(`
  if (request.url === '/') return response.end('1');
  const held = [];
  const timer = setInterval(() => held.push(Buffer.alloc(40 * 1024 * 1024, 1)), 10);`);
    const deployment = deploy(code, { memoryMb: 128 }, { routes: [{ src: '/.*', dest: '/' }] });
    expect(await fate(deployment, '/grow')).toEqual([500, 'FUNCTION_INVOCATION_FAILED']);
    expect(printed()).toBe(
      'Vercel Runtime Error: instance was killed because it ran out of available memory',
    );
    expect(small.invocations[0]).toMatchObject({ peakMemoryMb: 128, status: 500 });
    expect(await said(deployment)).toBe(1);
  });

  it('print lines that are told with their request', async () => {
    const deployment = deploy(
      handler("  console.log('one\\ntwo');\n  console.error('three');\n  response.end('1');"),
    );
    await call(deployment, '/?q=1');
    // Two pipes: what comes through one may overtake the other, and the answer both.
    await vi.waitFor(() => expect(small.lines).toHaveLength(3), 20_000);
    const lines = small.lines.toSorted((one, other) => other.stream.localeCompare(one.stream));
    expect(lines).toEqual(
      ['one', 'two', 'three'].map((text) => ({
        projectId: 'prj_orders',
        deploymentId: 'dpl_1',
        timeMs: small.clock.now(),
        stream: text === 'three' ? 'stderr' : 'stdout',
        text,
        requestPath: '/',
        requestMethod: 'GET',
        request: small.invocations[0]?.request,
      })),
    );
    expect(small.invocations[0]?.request).toEqual({
      id: expect.stringMatching(`^\\w{5}-${small.clock.now()}-\\w{12}$`),
      timeMs: small.clock.now(),
      method: 'GET',
      path: '/',
    });
  });

  it('print at their start for the request that they were started for', async () => {
    const environment = { NODE_OPTIONS: '--no-such-option' };
    await call(deploy(tells('1'), { environment }));
    await vi.waitFor(() => expect(small.lines).not.toEqual([]), 20_000);
    const [line] = small.lines;
    expect(line).toMatchObject({ stream: 'stderr', requestMethod: '' });
    expect(line?.request).toMatchObject({ method: 'GET', path: '/' });
    expect(line?.request).toEqual(small.invocations[0]?.request);
  });

  it('tell the vendor’s packages of the request that is under way', async () => {
    const code = tells(
      "Object.keys(globalThis[Symbol.for('@vercel/request-context')].get()).toSorted()",
    );
    expect(await said(deploy(code))).toEqual(
      expect.arrayContaining(['headers', 'url', 'waitUntil']),
    );
  });

  it('end with their deployment, and with their project', async () => {
    const one = deploy(tells('process.pid'));
    const other = deploy(tells('process.pid'));
    const pids = [Number(await said(one)), Number(await said(other))];
    small.delete(one);
    await gone(pids[0]);
    expect(await said(other)).toBe(pids[1]);
    small.deleteProject(other.projectId);
    await gone(pids[1]);
  });
});

/** Resolves when no process has this id. */
async function gone(pid: number | undefined): Promise<void> {
  for (;;) {
    try {
      process.kill(pid ?? 0, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
