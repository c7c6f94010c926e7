import { describe, expect, it } from 'vitest';
import { ISOLATIONS, useHarness } from './harness.ts';

const harness = useHarness();

describe.each(ISOLATIONS)('calls of an instance in a %s', (isolation) => {
  it('carries JSON both ways', async () => {
    const pool = harness.pool('invoke: (input) => input', { settings: { isolation } });
    const event = { text: 'Grüße 🚀', empty: '', none: null, deep: [[[{ a: [1.5, 0, true] }]]] };
    expect((await pool.invoke(event)).output).toEqual(event);
    expect((await pool.invoke(null)).output).toBeNull();
    expect((await pool.invoke('x'.repeat(2_000_000))).output).toHaveLength(2_000_000);
  });

  it('starts cold once, then keeps the state of the module', async () => {
    const pool = harness.pool('invoke: () => (calls += 1)', {
      before: 'let calls = 0;',
      settings: { isolation },
    });
    const first = await pool.invoke();
    const second = await pool.invoke();
    expect([first.output, second.output]).toEqual([1, 2]);
    expect([first.coldStart, second.coldStart]).toEqual([true, false]);
    expect(first.initDurationMs).toBeGreaterThan(0);
    expect(second.initDurationMs).toBeNull();
    expect(second.instanceId).toBe(first.instanceId);
    expect(second.memoryMb).toBeGreaterThan(1);
  });

  it('gives the handler its identity, request id and instance id', async () => {
    const pool = harness.pool(
      `invoke: (input, { app, stage, functionName, version, requestId, attempt, instanceId, deadline }) =>
        ({ app, stage, functionName, version, requestId, attempt, instanceId, inTime: deadline > Date.now() && deadline <= Date.now() + 20_000 })`,
      { settings: { isolation, timeoutSeconds: 20 } },
    );
    const reply = await pool.call({
      kind: 'invoke',
      event: null,
      meta: { requestId: 'r-1', attempt: 3, deadline: 0 },
    });
    expect(reply.output).toMatchObject({
      app: 'shop',
      stage: 'test',
      functionName: 'orders',
      version: '7',
      requestId: 'r-1',
      attempt: 3,
      instanceId: reply.instanceId,
      inTime: true,
    });
  });

  it('gives the function its own environment and nothing else', async () => {
    const pool = harness.pool('invoke: () => ({ ...process.env })', {
      settings: { isolation, env: { STAGE: 'dev', EMPTY: '' } },
    });
    expect((await pool.invoke()).output).toEqual({ STAGE: 'dev', EMPTY: '' });
  });

  it('does not show the instance the way to its pool', async () => {
    const pool = harness.pool(
      `invoke: () => ({ send: typeof process.send, data: Object.keys(workerData ?? {}), stdin: process.stdin.isTTY === true })`,
      { before: "import { workerData } from 'node:worker_threads';", settings: { isolation } },
    );
    expect((await pool.invoke()).output).toEqual({ send: 'undefined', data: [], stdin: false });
  });

  it('calls every kind of handler, and refuses a kind that is not there', async () => {
    const pool = harness.pool('queue: (batch) => ({ retry: [batch.messages[0].id] })', {
      settings: { isolation },
    });
    const message = { id: 'm1', data: 1, attributes: {}, time: '2026-01-01T00:00:00Z', attempt: 1 };
    const reply = await pool.call({
      kind: 'queue',
      event: { source: 'jobs', messages: [message] },
      meta: { requestId: 'q', attempt: 1, deadline: 0 },
    });
    expect(reply.output).toEqual({ retry: ['m1'] });
    const failure = await pool.failure({});
    expect(failure.code).toBe('FUNCTION_FAILED');
    expect(failure.message).toContain('does not handle "invoke"');
  });

  it('serves many calls at once on one instance, each with its own answer', async () => {
    const pool = harness.pool(
      'invoke: async (input) => { if (input % 3 === 0) await new Promise((r) => setTimeout(r, input % 7)); return input; }',
      { settings: { isolation, concurrency: 64, maxInstances: 1, maxWaiting: 1000 } },
    );
    const inputs = Array.from({ length: 300 }, (_, index) => index);
    const replies = await Promise.all(inputs.map((input) => pool.invoke(input)));
    expect(replies.map((reply) => reply.output)).toEqual(inputs);
    expect(replies.filter((reply) => reply.coldStart)).toHaveLength(1);
    expect(new Set(replies.map((reply) => reply.instanceId)).size).toBe(1);
  });
});
