import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { SetClock } from '../local-events/harness.ts';
import { ISOLATIONS, until, useHarness } from './harness.ts';

const harness = useHarness();

/** Answers when the file that the input names is there: the test decides when a call ends. */
const HELD = `invoke: async (input) => { if (input?.wait) await new Promise((r) => setTimeout(r, input.wait)); return input; }`;

describe.each(ISOLATIONS)('a pool of instances in %s isolation', (isolation) => {
  it('gives each of several calls at once an instance of its own, then reuses the latest', async () => {
    const pool = harness.pool(HELD, { settings: { isolation, maxInstances: 3 } });
    const replies = await Promise.all([1, 2, 3].map(() => pool.invoke({ wait: 300 })));
    expect(new Set(replies.map((reply) => reply.instanceId)).size).toBe(3);
    expect(replies.every((reply) => reply.coldStart)).toBe(true);
    const next = await pool.invoke();
    const again = await pool.invoke();
    expect(again.instanceId).toBe(next.instanceId);
    expect(pool.stats()).toEqual({ instances: 3, busy: 0, idle: 3, waiting: 0, quarantined: 0 });
  });

  it('lets calls wait in order, and refuses those beyond', async () => {
    const pool = harness.pool(
      `invoke: async (input) => { await new Promise((r) => setTimeout(r, 20)); order.push(input); return [...order]; }`,
      { before: 'const order = [];', settings: { isolation, maxInstances: 1, maxWaiting: 3 } },
    );
    const calls = [1, 2, 3, 4].map((input) => pool.invoke(input));
    expect(pool.stats()).toMatchObject({ instances: 1, busy: 1, waiting: 3 });
    const refused = await pool.failure(5);
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(refused.message).toMatch(/1 instances busy.*3 calls waiting.*maxInstances/);
    const replies = await Promise.all(calls);
    expect(replies.at(-1)?.output).toEqual([1, 2, 3, 4]);
  });

  it('says of a call that never began that it did not run, whatever ended it', async () => {
    const pool = harness.pool(HELD, { settings: { isolation, maxInstances: 1, maxWaiting: 3 } });
    const caller = new AbortController();
    await pool.invoke();
    const running = pool.failure({ wait: 60_000 }, caller.signal);
    const waiting = pool.failure(null, caller.signal);
    caller.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELLED', details: { didNotRun: true } });
    expect((await running).details).toBeUndefined();
    expect(await pool.failure(null, caller.signal)).toMatchObject({ details: { didNotRun: true } });
    const other = harness.pool(HELD, { settings: { isolation, maxInstances: 1, maxWaiting: 3 } });
    const [starting, queued] = [other.failure(), other.failure()];
    await other.close();
    const stopped = { code: 'CANCELLED', retryable: true, details: { didNotRun: true } };
    expect([await starting, await queued]).toMatchObject([stopped, stopped]);
    expect(await other.failure()).toMatchObject(stopped);
  });

  it('warms without running the handler; the next calls are not cold', async () => {
    const pool = harness.pool('invoke: () => (calls += 1)', {
      before: 'let calls = 0;',
      settings: { isolation, maxInstances: 3 },
    });
    expect(await pool.warm(2)).toEqual({ distinctInstances: 2, started: 2 });
    expect(await pool.warm(2)).toEqual({ distinctInstances: 2, started: 0 });
    const replies = await Promise.all([pool.invoke(), pool.invoke()]);
    expect(
      replies.map(({ coldStart, initDurationMs, output }) => [coldStart, initDurationMs, output]),
    ).toEqual([
      [false, null, 1],
      [false, null, 1],
    ]);
    expect(await pool.warm(9)).toEqual({ distinctInstances: 3, started: 1 });
  });
});

describe('a pool', () => {
  it('fails to warm what does not start', async () => {
    const pool = harness.pool('invoke: () => 1', { before: `throw new Error('broken');` });
    await expect(pool.warm(1)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      details: { phase: 'init' },
    });
    expect(pool.warnings[0]).toContain('broken');
  });

  it('stops idle instances on its clock, down to minInstances', async () => {
    const clock = new ManualClock();
    const pool = harness.pool(HELD, {
      clock,
      settings: { maxInstances: 4, minInstances: 1, idleSeconds: 60 },
    });
    await Promise.all([1, 2, 3].map(() => pool.invoke({ wait: 100 })));
    expect(pool.stats().instances).toBe(3);
    await clock.advance(30_000);
    const { instanceId } = await pool.invoke();
    await clock.advance(31_000);
    // The one that was used in between stays.
    expect(pool.stats().instances).toBe(1);
    expect((await pool.invoke()).instanceId).toBe(instanceId);
    await clock.advance(600_000);
    expect(pool.stats().instances).toBe(1);
  });

  it('stops them in their time after its clock went back', async () => {
    const clock = new SetClock();
    const pool = harness.pool(HELD, { clock, settings: { maxInstances: 3, idleSeconds: 60 } });
    await Promise.all([1, 2, 3].map(() => pool.invoke({ wait: 100 })));
    clock.set(-3_600_000);
    await clock.advance(30_000);
    await pool.invoke();
    expect(pool.stats().instances).toBe(3);
    // Nobody knows how long the others have been idle: twice the time is enough for all.
    await clock.advance(120_000);
    expect(pool.stats().instances).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('keeps minInstances ready from the beginning, and again after a crash', async () => {
    const clock = new ManualClock();
    const pool = harness.pool(
      `invoke: (input) => { if (input === 'end') process.exit(1); return input; }`,
      {
        clock,
        settings: { minInstances: 2, maxInstances: 2 },
      },
    );
    await until(() => pool.stats().idle === 2);
    const reply = await pool.invoke('a');
    expect(reply.coldStart).toBe(false);
    await pool.failure('end');
    await until(() => pool.stats().idle === 2);
  });

  it('tries again ever more slowly when standing instances do not start', async () => {
    const clock = new ManualClock();
    const pool = harness.pool('invoke: () => 1', {
      clock,
      before: `throw new Error('broken');`,
      settings: { minInstances: 1 },
    });
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await until(() => pool.warnings.length === attempt && clock.nextAt !== undefined);
      expect(pool.stats().instances).toBe(0);
      const delayMs = (clock.nextAt ?? 0) - clock.now();
      delays.push(delayMs);
      await clock.advance(delayMs);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000]);
  });

  it('answers ten thousand calls, 64 under way, with no more instances than allowed', async () => {
    const pool = harness.pool('invoke: (input) => input', {
      settings: { maxInstances: 2, concurrency: 16, maxWaiting: 64 },
    });
    let next = 0;
    let wrong = 0;
    const lane = async (): Promise<void> => {
      while (next < 10_000) {
        const input = next++;
        if ((await pool.invoke(input)).output !== input) wrong += 1;
      }
    };
    await Promise.all(Array.from({ length: 64 }, lane));
    expect(wrong).toBe(0);
    expect(pool.stats()).toEqual({ instances: 2, busy: 0, idle: 2, waiting: 0, quarantined: 0 });
  });

  it('lets running and waiting calls end when drained, and takes no more', async () => {
    const pool = harness.pool(HELD, { settings: { maxInstances: 1 } });
    const calls = [pool.invoke({ wait: 100 }), pool.invoke('second')];
    const drained = pool.drain();
    expect(await pool.failure()).toMatchObject({ code: 'CANCELLED', retryable: true });
    expect((await Promise.all(calls)).map((reply) => reply.output)).toEqual([
      { wait: 100 },
      'second',
    ]);
    await drained;
    expect(pool.stats().instances).toBe(0);
  });

  it.each(ISOLATIONS)('ends everything at once when closed (%s)', async (isolation) => {
    const pool = harness.pool(
      `invoke: (input) => { if (input === 'pid') return process.pid; for (;;); }`,
      { settings: { isolation, maxInstances: 2 } },
    );
    const { output: pid } = await pool.invoke('pid');
    const calls = ['loop', 'loop', 'waits'].map((input) => pool.failure(input));
    await until(() => pool.stats().busy === 2);
    await pool.close();
    const failures = await Promise.all(calls);
    expect(failures.map((failure) => failure.code)).toEqual([
      'CANCELLED',
      'CANCELLED',
      'CANCELLED',
    ]);
    expect(pool.stats()).toEqual({ instances: 0, busy: 0, idle: 0, waiting: 0, quarantined: 0 });
    if (isolation === 'process') expect(isAlive(Number(pid))).toBe(false);
    await pool.close();
  });

  it('takes the processes that a function started with it', async () => {
    const pool = harness.pool(`invoke: () => spawn('sleep', ['1000'], { stdio: 'ignore' }).pid`, {
      before: `import { spawn } from 'node:child_process';`,
      settings: { isolation: 'process' },
    });
    const { output: pid } = await pool.invoke();
    expect(isAlive(Number(pid))).toBe(true);
    await pool.close();
    await until(() => !isAlive(Number(pid)));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
