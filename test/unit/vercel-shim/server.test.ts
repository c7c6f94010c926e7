import { afterEach, describe, expect, it } from 'vitest';
import { call, CRON_SECRET, manifest, policy, start, type Running } from './running.ts';

let running: Running | undefined;

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

const HANDLERS = {
  invoke: (input: { op?: string }) => {
    if (input.op === 'throw') throw new RangeError('no');
    return input.op === 'hang' ? new Promise(() => {}) : { got: input };
  },
  http: async (request: Request) =>
    new Response(
      `${request.method} ${await request.text()} ${request.headers.get('x-polyfaas-key') ?? '-'}`,
      {
        status: 201,
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      },
    ),
};

describe('direct calls', () => {
  it('answer with codes that tell them apart where only codes are counted', async () => {
    running = await start(manifest({ timeoutSeconds: 0.2 }), HANDLERS);
    const codes: number[] = [];
    for (const body of [
      { kind: 'verify' },
      { kind: 'warm', holdMs: 0 },
      { kind: 'invoke', data: { n: 1 } },
      { kind: 'invoke', data: { op: 'throw' } },
      { kind: 'invoke', data: { op: 'hang' } },
    ]) {
      codes.push((await call(running.url, body)).status);
    }
    expect(codes).toEqual([208, 208, 200, 500, 504]);
    const calls = running.lines.filter(({ polyfaas }) => polyfaas === 'call');
    expect(calls.map(({ kind, outcome }) => `${String(kind)} ${String(outcome)}`)).toEqual([
      'invoke ok',
      'invoke error',
      'invoke timeout',
    ]);
  });

  it('hold the result, or the error as it was thrown, and are refused without the key', async () => {
    const { url } = (running = await start(manifest(), HANDLERS));
    const good = await (await call(url, { kind: 'invoke', data: { n: 1 } })).json();
    expect(good).toMatchObject({ $polyfaas: { version: 'v1' }, data: { got: { n: 1 } } });
    const bad = await (await call(url, { kind: 'invoke', data: { op: 'throw' } })).json();
    expect(bad).toMatchObject({ error: { name: 'RangeError', message: 'no' } });
    const secret = 'another-secret-another-secret';
    expect((await call(url, { kind: 'verify' }, { secret })).status).toBe(401);
    expect((await fetch(`${url}/polyfaas/invoke`)).status).toBe(405);
  });

  it('run side by side', async () => {
    let active = 0;
    const areThree = Promise.withResolvers<null>();
    const { url } = (running = await start(manifest(), {
      invoke: () => {
        active += 1;
        if (active === 3) areThree.resolve(null);
        return areThree.promise;
      },
    }));
    const calls = [1, 2, 3].map((data) => call(url, { kind: 'invoke', data }));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
  });
});

describe('http', () => {
  const route = policy({ type: 'http', methods: ['ANY'], path: '/orders', enabled: true });

  it('hands requests over as they were sent, and answers whole', async () => {
    const { url } = (running = await start(manifest({ bindings: [route] }), HANDLERS));
    const reply = await fetch(`${url}/orders?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-polyfaas-key': 'k1' },
      body: '{"not json',
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await reply.text()).toBe('POST {"not json -');
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/polyfaas/other`)).status).toBe(404);
  });

  it('refuses bodies of more than 4.5 MB', async () => {
    const { url } = (running = await start(manifest({ bindings: [route] }), HANDLERS));
    const post = async (length: number): Promise<number> =>
      (await fetch(`${url}/orders`, { method: 'POST', body: 'x'.repeat(length) })).status;
    expect([await post(4_500_000), await post(4_800_000)]).toEqual([201, 413]);
  });
});

describe('schedules', () => {
  const timer = policy({
    type: 'schedule',
    when: { cron: '* * * * *' },
    timezone: 'UTC',
    input: { job: 'nightly' },
    enabled: true,
  });
  const tick = (url: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/polyfaas/crons/b1`, { headers });

  it('fire for the minute in which Vercel asked, with their input', async () => {
    const seen: unknown[] = [];
    const { url } = (running = await start(manifest({ bindings: [timer] }), {
      schedule: (event: unknown) => void seen.push(event),
    }));
    const headers = {
      authorization: `Bearer ${CRON_SECRET}`,
      'x-vercel-id': 'fra1::iad1::abcde-1767323045678-0f6a7b2d3c4e',
    };
    expect((await tick(url, headers)).status).toBe(200);
    expect(seen).toEqual([
      {
        id: 'b1-2026-01-02T03:04:00.000Z',
        source: 'b1',
        scheduledTime: '2026-01-02T03:04:00.000Z',
        time: '2026-01-02T03:04:05.678Z',
        data: { job: 'nightly' },
      },
    ]);
    expect((await fetch(`${url}/polyfaas/crons/b2`, { headers })).status).toBe(404);
  });

  it('run for nobody without the secret, and tell what failed by the status', async () => {
    const { url } = (running = await start(manifest({ bindings: [timer] }), {
      schedule: () => Promise.reject(new Error('no')),
    }));
    for (const authorization of ['', 'Bearer ', `Bearer ${CRON_SECRET}x`, CRON_SECRET]) {
      expect((await tick(url, { authorization })).status).toBe(401);
    }
    expect((await tick(url, { authorization: `Bearer ${CRON_SECRET}` })).status).toBe(500);
  });
});
