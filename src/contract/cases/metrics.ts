import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import type { ContractContext } from '../context.ts';
import type { TimeWindow } from '../../manager/types.ts';
import type { FunctionMetrics, Percentiles } from '../../spi/provider.ts';
import type { ServerlessManager } from '../subject.ts';

const metrics = casesOf('metrics');

async function callTimes(
  t: ContractContext,
  manager: ServerlessManager,
  good: number,
  bad: number,
): Promise<void> {
  for (let index = 0; index < good; index += 1) await t.call(manager, { op: 'variant' });
  for (let index = 0; index < bad; index += 1) {
    await t.refused(() => manager.invoke('main', { op: 'throw', message: 'counted' }), {
      code: 'FUNCTION_FAILED',
    });
  }
}

/** The numbers, once they are complete through now. */
async function complete(t: ContractContext, manager: ServerlessManager): Promise<FunctionMetrics> {
  const until = t.subject.clock.now();
  let latest = await manager.metrics('main', { last: '1h' });
  await t.until('the numbers are complete', async () => {
    latest = await manager.metrics('main', { last: '1h' });
    return Date.parse(latest.completeThrough) >= until;
  });
  return latest;
}

function inOrder(times: Percentiles): void {
  const { average, p50, p95, p99, max } = times;
  assert.ok(p50 <= p95 && p95 <= p99 && p99 <= max, JSON.stringify(times));
  assert.ok(average >= 0 && average <= max);
}

/** Numbers. */
export const METRICS_CASES: readonly ContractCase[] = [
  metrics(
    'counts',
    'n calls with k errors show n and k',
    ['metrics.counts', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await callTimes(t, manager, 4, 2);
      const seen = await complete(t, manager);
      assert.equal(seen.invocations, 6);
      assert.equal(seen.errors, 2);
      assert.ok(seen.source.length > 0);
      assert.ok(seen.coverage === 'all' || seen.coverage === 'own-calls');
    },
  ),
  metrics(
    'empty',
    'A window without calls shows none, and percentiles of nothing are null',
    ['metrics.counts'],
    async (t) => {
      const { manager } = await t.deployed();
      const seen = await complete(t, manager);
      assert.equal(seen.invocations, 0);
      assert.equal(seen.errors, 0);
      assert.equal(seen.durationMs, null);
    },
  ),
  metrics(
    'window',
    'Only the calls of the window are counted, and its ends are whole minutes',
    ['metrics.counts', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await callTimes(t, manager, 2, 0);
      await t.subject.clock.advance(600_000);
      const seen = await manager.metrics('main', { last: '5m' });
      assert.equal(seen.invocations, 0);
      for (const end of [seen.from, seen.to]) assert.match(end, /:00(\.000)?Z$/);
      assert.ok(Date.parse(seen.to) - Date.parse(seen.from) >= 300_000);
      assert.equal((await complete(t, manager)).invocations, 2);
    },
  ),
  metrics(
    'cold-starts',
    'Cold starts are counted',
    ['metrics.counts', 'metrics.coldStarts', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await callTimes(t, manager, 3, 0);
      assert.equal((await complete(t, manager)).coldStarts, 1);
    },
  ),
  metrics(
    'failed-cold-start',
    'A first call that fails was a cold start, too, and took its time',
    ['metrics.counts', 'metrics.coldStarts', 'metrics.percentiles', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await callTimes(t, manager, 0, 1);
      const seen = await complete(t, manager);
      assert.equal(seen.coldStarts, 1);
      assert.ok(seen.durationMs);
    },
  ),
  metrics(
    'percentiles',
    'Percentiles are in order',
    ['metrics.counts', 'metrics.percentiles', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      for (const ms of [0, 2, 5, 20]) await t.call(manager, { op: 'sleep', ms });
      const { durationMs } = await complete(t, manager);
      assert.ok(durationMs);
      inOrder(durationMs);
    },
  ),
  metrics(
    'memory',
    'The most memory that was used is known',
    ['metrics.counts', 'metrics.memory', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await callTimes(t, manager, 2, 0);
      const { maxMemoryMb } = await complete(t, manager);
      assert.ok(maxMemoryMb !== null && maxMemoryMb > 0);
    },
  ),
  metrics(
    'warm-apart',
    'Warming is not counted as calling',
    ['metrics.counts', 'warm.ping', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await manager.preWarm('main', { instances: 2 });
      await callTimes(t, manager, 1, 0);
      const seen = await complete(t, manager);
      assert.equal(seen.invocations, 1);
      assert.ok(seen.warmUps === null || seen.warmUps > 0);
    },
  ),
  metrics(
    'busy-page',
    'A page that says itself that there were too many requests was called, and not throttled',
    ['metrics.counts', 'event.http'],
    async (t) => {
      const { manager } = await t.deployed({ events: [{ type: 'http' }] });
      assert.equal((await t.fetch(manager, '/busy')).status, 429);
      const seen = await complete(t, manager);
      if (seen.coverage === 'all') assert.equal(seen.invocations, 1);
      assert.ok(seen.throttles === null || seen.throttles === 0);
    },
  ),
  metrics(
    'timeouts',
    'Calls that took too long are counted as errors',
    ['metrics.counts', 'instance.timeout', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1 });
      await t.call(manager, { op: 'variant' });
      await t.drive(t.refused(() => manager.invoke('main', { op: 'never' }), { code: 'TIMEOUT' }));
      const seen = await complete(t, manager);
      assert.equal(seen.invocations, 2);
      assert.equal(seen.errors, 1);
      assert.ok(seen.timeouts === null || seen.timeouts === 1);
    },
  ),
  metrics(
    'over-deploys',
    'The numbers of all versions are added up',
    ['metrics.counts', 'invoke.sync'],
    async (t) => {
      const first = await t.deployed();
      await callTimes(t, first.manager, 2, 0);
      const { manager } = await t.deployed({ variant: 'two' });
      await callTimes(t, manager, 1, 0);
      assert.equal((await complete(t, manager)).invocations, 3);
    },
  ),
  metrics('bad-window', 'A window that is none is refused', ['metrics.counts'], async (t) => {
    const { manager } = await t.deployed();
    const windows: readonly TimeWindow[] = [
      { last: 'a while' },
      { last: '0m' },
      { from: 'yesterday' },
      { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    ];
    for (const window of windows) {
      await t.refused(() => manager.metrics('main', window), {
        code: 'INVALID_ARGUMENT',
      });
    }
    const from = new Date(t.subject.clock.now() + 86_400_000);
    const error = await t.refused(() => manager.metrics('main', { from }), {
      code: 'INVALID_ARGUMENT',
      says: ['from', from.toISOString()],
    });
    assert.ok(!error.message.includes('`to`'), 'what was not given is not told of');
  }),
  metrics('not-deployed', 'What is not deployed has no metrics', ['metrics.counts'], async (t) => {
    const manager = await t.manager();
    await t.refused(() => manager.metrics('main', { last: '1h' }), {
      code: 'NOT_FOUND',
      says: ['deploy("main")'],
    });
  }),
];
