import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failureOf, ISOLATIONS, until, useHarness } from './harness.ts';

const harness = useHarness();

describe.each(ISOLATIONS)('limits of an instance in a %s', (isolation) => {
  it.each([
    ['waits for ever', 'return new Promise(() => {});'],
    ['loops for ever', 'for (;;);'],
  ])(
    'answers TIMEOUT when the handler %s, and goes on with a new instance',
    async (_name, body) => {
      const pool = harness.pool(`invoke: (input) => { if (input === 'ok') return 'ok'; ${body} }`, {
        settings: { isolation, timeoutSeconds: 2, maxInstances: 1 },
      });
      const { instanceId } = await pool.invoke('ok');
      const failure = await pool.failure();
      expect(failure).toMatchObject({ code: 'TIMEOUT', details: { timeoutSeconds: 2 } });
      const next = await pool.invoke('ok');
      expect(next.instanceId).not.toBe(instanceId);
      expect(pool.stats()).toMatchObject({ instances: 1, quarantined: 0 });
    },
  );

  it('lets the other calls of an instance end before it dies of a timeout', async () => {
    const pool = harness.pool(
      `invoke: (input) => new Promise((resolve) => input && setTimeout(() => resolve(input), input))`,
      { settings: { isolation, timeoutSeconds: 3, concurrency: 4, maxInstances: 1 } },
    );
    await pool.warm(1);
    const stuck = pool.failure(0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const other = pool.invoke(2_000);
    expect((await stuck).code).toBe('TIMEOUT');
    expect((await other).output).toBe(2_000);
    await until(() => pool.stats().instances === 0);
  });

  it('ends an instance that holds too much in buffers', async () => {
    const pool = harness.pool(
      `invoke: async (input) => {
        if (input === 'ok') return 'ok';
        for (;;) { held.push(Buffer.alloc(4_000_000, 1)); await new Promise((r) => setTimeout(r, 1)); }
      }`,
      { before: 'const held = [];', settings: { isolation, memoryMb: 96 } },
    );
    const failure = await pool.failure();
    expect(failure).toMatchObject({
      code: 'FUNCTION_FAILED',
      details: { phase: 'exit', memoryMb: 96 },
    });
    expect(failure.message).toMatch(/used \d+ MB of memory.*96 MB are allowed.*Raise memoryMb/);
    expect(pool.warnings).toEqual([failure.message]);
    expect((await pool.invoke('ok')).coldStart).toBe(true);
  });

  it('sees what is over the limit when a call ends', async () => {
    const pool = harness.pool(
      `invoke: () => { held.push(Buffer.alloc(150_000_000, 1)); return 1; }`,
      {
        before: 'const held = [];',
        settings: { isolation, memoryMb: 96 },
      },
    );
    expect((await pool.failure()).details).toMatchObject({ phase: 'exit', memoryMb: 96 });
  });

  it('does not take garbage for a leak', async () => {
    const pool = harness.pool(`invoke: () => Buffer.alloc(70_000_000, 1).length`, {
      settings: { isolation, memoryMb: 96 },
      // Three looks in a row find more, on a busy machine, where they are as short as a fill.
      tuning: { memoryPollMs: 250 },
    });
    for (let round = 0; round < 20; round += 1)
      expect((await pool.invoke()).output).toBe(70_000_000);
    expect(pool.warnings).toEqual([]);
  });

  it('ends an instance whose heap is full', async () => {
    const pool = harness.pool(
      `invoke: () => { for (;;) held.push(Array.from({ length: 1000 }, () => ({ a: Math.random() }))); }`,
      { before: 'const held = [];', settings: { isolation, memoryMb: 64 } },
    );
    const failure = await pool.failure();
    expect(failure).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'exit' } });
    expect(failure.message).toContain('memoryMb');
  });

  it('cancels: the handler sees it, and the instance lives when it heeds it', async () => {
    const pool = harness.pool(
      `invoke: (input, { signal }) => input === 'ok' ? seen : new Promise((resolve) =>
        signal.addEventListener('abort', () => { seen = signal.reason.name; resolve(null); }))`,
      { before: 'let seen = null;', settings: { isolation, maxInstances: 1 } },
    );
    const { instanceId } = await pool.invoke('ok');
    const controller = new AbortController();
    const failure = pool.failure(null, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    expect(await failure).toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } });
    const next = await pool.invoke('ok');
    expect(next).toMatchObject({ output: 'AbortError', instanceId });
  });

  it('cancels: an instance whose handler does not heed it is replaced', async () => {
    const pool = harness.pool(`invoke: (input) => input === 'ok' ? 'ok' : new Promise(() => {})`, {
      settings: { isolation, maxInstances: 1 },
      tuning: { graceMs: 100 },
    });
    const { instanceId } = await pool.invoke('ok');
    const controller = new AbortController();
    const failure = pool.failure(null, controller.signal);
    controller.abort();
    expect((await failure).code).toBe('CANCELLED');
    const next = await pool.invoke('ok');
    expect(next.instanceId).not.toBe(instanceId);
  });

  it('has ended in time also where the program was busy meanwhile', async () => {
    const pool = harness.pool('invoke: () => 1', {
      settings: { isolation },
      tuning: { graceMs: 1_000 },
    });
    await Promise.all([pool.invoke(), pool.invoke(), pool.invoke()]);
    const closing = pool.close();
    // Timers that came due meanwhile run before the ends that came, too. Others may have the processors for a while.
    for (const end = Date.now() + 2_000; Date.now() < end;);
    await closing;
    expect(pool.warnings).toEqual([]);
  });

  it('cancels while it starts: the handler never runs', async () => {
    const pool = harness.pool('invoke: () => (calls += 1)', {
      before: 'let calls = 0;',
      settings: { isolation, maxInstances: 1 },
    });
    const controller = new AbortController();
    const failure = pool.failure(null, controller.signal);
    controller.abort();
    expect((await failure).code).toBe('CANCELLED');
    expect((await pool.invoke()).output).toBe(1);
  });
});

describe('cancelling', () => {
  it('drops a call that waits, and refuses one that was cancelled before', async () => {
    const pool = harness.pool(`invoke: () => new Promise((r) => setTimeout(r, 200, 'done'))`, {
      settings: { maxInstances: 1 },
    });
    const running = pool.invoke();
    const controller = new AbortController();
    const waiting = pool.failure(null, controller.signal);
    expect(pool.stats().waiting).toBe(1);
    controller.abort();
    expect((await waiting).code).toBe('CANCELLED');
    expect(pool.stats().waiting).toBe(0);
    expect((await failureOf(pool.invoke(null, AbortSignal.abort()))).code).toBe('CANCELLED');
    expect((await running).output).toBe('done');
  });

  it('leaves no listener on the signal of the caller', async () => {
    const pool = harness.pool('invoke: (input) => input');
    const { signal } = new AbortController();
    for (let index = 0; index < 5; index += 1) await pool.invoke(index, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a thread that does not end', () => {
  it('is quarantined, counts as an instance, and is let go when it ends', async () => {
    const pool = harness.pool(`invoke: (input) => input === 'ok' ? 'ok' : execSync('sleep 6')`, {
      before: `import { execSync } from 'node:child_process';`,
      settings: { timeoutSeconds: 0.3, maxInstances: 1, maxWaiting: 0 },
      tuning: { graceMs: 100 },
    });
    await pool.warm(1);
    expect((await pool.failure()).code).toBe('TIMEOUT');
    await until(() => pool.stats().quarantined === 1);
    expect(pool.warnings.join()).toContain('did not end when told to');
    const refused = await pool.failure('ok');
    expect(refused.code).toBe('RATE_LIMITED');
    expect(refused.message).toContain('did not end');
    await until(() => pool.stats().quarantined === 0);
    expect((await pool.invoke('ok')).output).toBe('ok');
  });
});
