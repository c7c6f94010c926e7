import { describe, expect, it } from 'vitest';
import { failureOf, ISOLATIONS, streamOf, until, useHarness } from '../local-runtime/harness.ts';

const harness = useHarness();

describe.each(ISOLATIONS)('a %s whose handlers ignore that nobody waits', (isolation) => {
  it('ends although the last of them was cancelled after another ran out of time', async () => {
    const pool = harness.pool('invoke: () => new Promise((resolve) => setTimeout(resolve, 1e9))', {
      settings: { isolation, concurrency: 2, maxInstances: 1, timeoutSeconds: 3 },
      tuning: { graceMs: 50 },
    });
    await pool.warm(1);
    const first = failureOf(pool.invoke());
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const controller = new AbortController();
    const second = failureOf(pool.invoke(null, controller.signal));
    expect((await first).code).toBe('TIMEOUT');
    controller.abort();
    expect((await second).code).toBe('CANCELLED');
    await until(() => pool.stats().instances === 0);
  });
});

describe('a pool whose only instances are threads that do not end', () => {
  it('refuses calls at once, also those that wait already', async () => {
    const pool = harness.pool(`invoke: (input) => input === 'ok' ? 'ok' : execSync('sleep 8')`, {
      before: `import { execSync } from 'node:child_process';`,
      settings: { timeoutSeconds: 0.3, maxInstances: 1 },
      tuning: { graceMs: 50 },
    });
    await pool.warm(1);
    const stuck = [failureOf(pool.invoke()), failureOf(pool.invoke())];
    const waiting = failureOf(pool.invoke('ok'));
    for (const failure of await Promise.all(stuck)) expect(failure.code).toBe('TIMEOUT');
    expect((await waiting).code).toBe('RATE_LIMITED');
    expect(pool.stats()).toMatchObject({ instances: 0, waiting: 0 });
    expect((await pool.failure('ok')).code).toBe('RATE_LIMITED');
    await until(() => pool.stats().quarantined === 0);
    expect((await pool.invoke('ok')).output).toBe('ok');
  });
});

describe.each(ISOLATIONS)('what a %s answers', (isolation) => {
  it('may be JSON that a structured clone refuses', async () => {
    const pool = harness.pool(
      `invoke: (input) => {
         if (input === 'environment') return { env: process.env };
         if (input === 'proxy') return { proxy: new Proxy({ a: 1 }, {}) };
         return { rows: Object.assign([1, 2], { meta: () => 3 }) };
       }`,
      { settings: { isolation, env: { STAGE: 'dev' } } },
    );
    expect((await pool.invoke('environment')).output).toMatchObject({ env: { STAGE: 'dev' } });
    expect((await pool.invoke('proxy')).output).toEqual({ proxy: { a: 1 } });
    expect((await pool.invoke('rows')).output).toEqual({ rows: [1, 2] });
  });

  it('takes such JSON too', async () => {
    const pool = harness.pool('invoke: (input) => input', { settings: { isolation } });
    expect((await pool.invoke({ proxy: new Proxy({ a: 1 }, {}) })).output).toEqual({
      proxy: { a: 1 },
    });
  });
});

it('sends an event as it was when the call was made, however long the call waits', async () => {
  const pool = harness.pool('invoke: (input) => input', { settings: { maxInstances: 1 } });
  const input = { id: 0 };
  const calls = [0, 1, 2].map((id) => {
    input.id = id;
    return pool.invoke(input);
  });
  const replies = await Promise.all(calls);
  expect(replies.map(({ output }) => output)).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
});

describe('code that throws an error which is its own cause', () => {
  it.each(ISOLATIONS)('is told as it was thrown, in a %s', async (isolation) => {
    const pool = harness.pool('invoke: () => 1', {
      before: `const round = new RangeError('round'); round.cause = round; throw round;`,
      settings: { isolation },
    });
    const failure = await pool.failure();
    expect(failure.message).toContain('did not start: RangeError: round');
  });
});

describe('a streamed body that fails', () => {
  it('tells its source when a chunk is no bytes', async () => {
    const pool = harness.pool(
      `http: () => {
         let count = 0;
         return new Response(new ReadableStream({
           async pull(controller) {
             await new Promise((resolve) => setTimeout(resolve, 5));
             count += 1;
             if (count > 1) controller.enqueue('text');
             else controller.enqueue(new Uint8Array([1]));
           },
           cancel: (reason) => void (globalThis.cancelled = String(reason)),
         }));
       },
       invoke: () => globalThis.cancelled ?? null`,
      { settings: { maxInstances: 1 } },
    );
    const reader = streamOf(await pool.get('/')).getReader();
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow('bytes');
    expect((await pool.invoke()).output).toEqual(expect.stringContaining('bytes'));
  });

  it.each(ISOLATIONS)(
    'early, with its reader far behind, hurts nobody else in a %s',
    async (isolation) => {
      const pool = harness.pool(
        `http: () => {
         let count = 0;
         return new Response(new ReadableStream({
           async pull(controller) {
             count += 1;
             if (count <= 16) return controller.enqueue(new Uint8Array(65_536));
             await new Promise((resolve) => setTimeout(resolve, 20));
             controller.error(new Error('cut'));
           },
         }));
       },
       invoke: () => 'alive'`,
        { settings: { isolation, maxInstances: 1, concurrency: 2 } },
      );
      const before = (await pool.invoke()).instanceId;
      const stream = streamOf(await pool.get('/'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const after = await pool.invoke();
      expect(after.instanceId).toBe(before);
      await stream.cancel();
    },
  );
});
