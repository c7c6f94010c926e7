import { describe, expect, it } from 'vitest';
import { startProcess } from '../local-store/child-process.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { failureOf, ISOLATIONS, until, useHarness } from './harness.ts';

const harness = useHarness();
const HOST = new URL('./host-child.ts', import.meta.url);

const HELD = 'const held = []; const hold = () => held.push(Buffer.alloc(4_000_000, 1));';
const IN_A_THREAD = `
  import { Worker } from 'node:worker_threads';
  const start = (megabytes) => new Promise((resolve) => new Worker(
    'const held = Buffer.alloc(' + megabytes + '_000_000, 1);' +
    'require("node:worker_threads").parentPort.postMessage(held.length); setInterval(() => held, 60_000);',
    { eval: true }).on('message', resolve));`;

describe.each(ISOLATIONS)('memory of an instance in a %s', (isolation) => {
  it.each([
    ['holds too much when it has started', 'for (let n = 0; n < 60; n += 1) hold();'],
    [
      'takes more and more while it starts',
      'for (;;) { hold(); await new Promise((resolve) => setTimeout(resolve, 1)); }',
    ],
    [
      'blocks while it takes more and more',
      'for (const end = Date.now() + 60_000; Date.now() < end; ) hold();',
    ],
    [
      'fills its heap',
      'for (;;) held.push(Array.from({ length: 1000 }, () => ({ a: Math.random() })));',
    ],
  ])('is capped while code outside the handlers %s', async (name, body) => {
    const pool = harness.pool('invoke: () => held.length', {
      before: `${HELD} ${body}`,
      settings: { isolation, memoryMb: 64 },
    });
    const failure = await failureOf(pool.warm(1));
    expect(failure).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'init' } });
    expect(failure.message).toContain(name.includes('heap') ? 'heap' : '64 MB are allowed');
    expect(failure.message).toContain('memoryMb');
    expect(pool.stats()).toMatchObject({ instances: 0, quarantined: 0 });
  });

  it('is capped while no call is on', async () => {
    const pool = harness.pool(`invoke: (input) => { if (input) setInterval(hold, 5); return 1; }`, {
      before: HELD,
      settings: { isolation, memoryMb: 96, maxInstances: 1 },
    });
    expect((await pool.invoke(true)).output).toBe(1);
    await until(() => pool.stats().instances === 0);
    expect(pool.warnings.join()).toMatch(/used \d+ MB of memory.*96 MB are allowed/);
    expect((await pool.invoke(false)).coldStart).toBe(true);
  });

  it('that is passed before the first call keeps standing instances from starting at once again', async () => {
    const clock = new ManualClock();
    const pool = harness.pool('invoke: () => 1', {
      clock,
      before: `${HELD} setInterval(hold, 5);`,
      settings: { isolation, memoryMb: 96, minInstances: 1 },
    });
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await until(() => pool.warnings.length === attempt && clock.nextAt !== undefined);
      expect(pool.stats().instances).toBe(0);
      const delayMs = (clock.nextAt ?? 0) - clock.now();
      delays.push(delayMs);
      await clock.advance(delayMs);
    }
    expect(delays).toEqual([1_000, 2_000]);
    expect(pool.warnings[0]).toContain('96 MB are allowed');
  });

  it('may be garbage while it starts', async () => {
    const pool = harness.pool('invoke: () => 1', {
      before: 'for (let n = 0; n < 10; n += 1) Buffer.alloc(40_000_000, 1);',
      settings: { isolation, memoryMb: 64 },
      tuning: { memoryPollMs: 250 },
    });
    await pool.warm(1);
    expect((await pool.invoke()).output).toBe(1);
    expect(pool.warnings).toEqual([]);
  });

  it('is looked at without keeping the host alive', async () => {
    const folder = harness.code(
      `export const { polyfaas } = createEntry(bindHandler({ default: defineFunction({ invoke: () => 1 }) }));`,
    );
    const host = startProcess(HOST, folder, isolation, 'rest');
    expect([await host.ended, host.errors]).toEqual([0, []]);
  });
});

describe('memory of a thread, whose end must not be that of the program', () => {
  it.each([
    ['arrays', 'const all = []; for (;;) all.push(new Array(1e4).fill(1.1));'],
    ['objects', 'const all = []; for (;;) all.push({ a: 1, b: [1, 2, 3] });'],
    ['a map', 'const all = new Map(); for (let n = 0; ; n += 1) all.set(n, { n });'],
    [
      'arrays, turn by turn',
      'const all = []; const more = () => { for (let n = 0; n < 20; n += 1) all.push(new Array(1e4).fill(1.1)); setImmediate(more); }; more(); await new Promise(() => {});',
    ],
  ])('is capped while a call makes %s without end', async (_name, body) => {
    const pool = harness.pool(`invoke: async () => { ${body} }`, {
      settings: { isolation: 'thread', memoryMb: 128, timeoutSeconds: 30 },
    });
    const failure = await pool.failure();
    expect(failure).toMatchObject({ code: 'FUNCTION_FAILED', details: { memoryMb: 128 } });
    expect(failure.message).toContain('128 MB are allowed');
  });

  it('is capped where one step takes far more than that', async () => {
    const pool = harness.pool(
      `invoke: async () => { const all = new Array(3e7).fill(1); await new Promise((resolve) => setTimeout(resolve, 5_000)); return all.length; }`,
      { settings: { isolation: 'thread', memoryMb: 128, timeoutSeconds: 30 } },
    );
    expect((await pool.failure()).details).toMatchObject({ memoryMb: 128 });
  });

  it('may be garbage while code blocks, for as long as the call may take', async () => {
    const pool = harness.pool(
      `invoke: () => {
        const text = JSON.stringify(Array.from({ length: 100_000 }, (_, i) => ({ i, a: 'b' + i })));
        let times = 0;
        for (const end = Date.now() + 2_500; Date.now() < end; times += 1) JSON.parse(text);
        return times > 0;
      }`,
      { settings: { isolation: 'thread', memoryMb: 128, timeoutSeconds: 30 } },
    );
    expect((await pool.invoke()).output).toBe(true);
    expect(pool.warnings).toEqual([]);
  });
});

describe('memory of a process beside the heap of its first thread', () => {
  it('counts while a call is on', async () => {
    const pool = harness.pool(
      `invoke: async () => { await start(600); return new Promise(() => {}); }`,
      {
        before: IN_A_THREAD,
        settings: { isolation: 'process', memoryMb: 128 },
      },
    );
    expect((await pool.failure()).details).toMatchObject({ phase: 'exit', memoryMb: 128 });
  });

  it('counts while no call is on', async () => {
    const pool = harness.pool('invoke: () => { setTimeout(start, 300, 600); return 1; }', {
      before: IN_A_THREAD,
      settings: { isolation: 'process', memoryMb: 128 },
    });
    expect((await pool.invoke()).output).toBe(1);
    await until(() => pool.stats().instances === 0);
    expect(pool.warnings.join()).toContain('128 MB are allowed');
  });

  it('does not count what a process has beside what its code holds', async () => {
    const pool = harness.pool(
      `invoke: async (times) => { for (let n = 0; n < times; n += 1) { Buffer.alloc(50_000_000, 1); await new Promise((resolve) => setTimeout(resolve, 20)); } return times; }`,
      {
        settings: { isolation: 'process', memoryMb: 64, maxInstances: 1 },
        tuning: { memoryPollMs: 250 },
      },
    );
    expect((await pool.invoke(40)).output).toBe(40);
    expect(pool.warnings).toEqual([]);
  });
});
