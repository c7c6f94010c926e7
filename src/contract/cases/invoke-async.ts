import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { only } from '../context.ts';

const later = casesOf('async');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
const NO_RETRY = { maxAttempts: 1 } as const;
const TWICE = { maxAttempts: 2, backoff: 'fixed', delaySeconds: 2, jitter: false } as const;

/** Calls that are accepted now and run later. */
export const INVOKE_ASYNC_CASES: readonly ContractCase[] = [
  later('runs', 'An asynchronous call is accepted, and runs', ['invoke.async'], async (t) => {
    const { manager, deployment } = await t.deployed();
    const result = await manager.invoke('main', { later: 1 }, { mode: 'async' });
    assert.equal(result.output, null);
    assert.ok(result.requestId.length > 0);
    await t.until('the call runs', () => t.reports('invoke').length > 0);
    const report = only(t.reports('invoke'), 'call');
    assert.deepEqual(report.event, { later: 1 });
    assert.equal(report.requestId, result.requestId);
    assert.equal(report.version, deployment.version);
    assert.equal(report.attempt, 1);
  }),
  later('once', 'An asynchronous call that succeeds runs once', ['invoke.async'], async (t) => {
    const { manager } = await t.deployed();
    await manager.invoke('main', 'only once', { mode: 'async' });
    await t.until('the call runs', () => t.reports('invoke').length > 0);
    await t.subject.clock.advance(5000);
    await t.subject.settle();
    assert.equal(t.reports('invoke').length, 1);
  }),
  later('null', 'An asynchronous call without an input gets null', ['invoke.async'], async (t) => {
    const { manager } = await t.deployed();
    await manager.invoke('main', null, { mode: 'async' });
    await t.until('the call runs', () => t.reports('invoke').length > 0);
    assert.equal(only(t.reports('invoke'), 'call').event, null);
  }),
  later(
    'does-not-wait',
    'An asynchronous call is accepted though the function takes its time',
    ['invoke.async'],
    async (t) => {
      const { manager } = await t.deployed();
      t.script('invoke', [{ hold: true }]);
      await manager.invoke('main', 'held', { mode: 'async' });
      await t.arrived('invoke', 1);
      t.witness.release(t.app);
      await t.subject.settle();
    },
  ),
  later(
    'not-deployed',
    'What is not deployed accepts no asynchronous call',
    ['invoke.async'],
    async (t) => {
      const manager = await t.manager();
      await t.refused(() => manager.invoke('main', null, { mode: 'async' }), {
        code: 'NOT_FOUND',
        says: ['deploy("main")'],
      });
    },
  ),
  later(
    'retried',
    'A failed asynchronous call is repeated, with the same id and the next attempt',
    ['invoke.async', 'invoke.asyncRetry'],
    async (t) => {
      const { manager } = await t.deployed({ async: { retry: TWICE } });
      t.script('invoke', [{ fail: true }]);
      const { requestId } = await manager.invoke('main', 'again', { mode: 'async' });
      await t.until('the call is repeated', () => t.reports('invoke').length > 1);
      assert.deepEqual(
        t.reports('invoke').map(({ attempt }) => attempt),
        [1, 2],
      );
      assert.ok(t.reports('invoke').every((report) => report.requestId === requestId));
    },
  ),
  later(
    'trace',
    'The trace context of the caller arrives, at every attempt',
    ['invoke.async', 'trace.propagation'],
    async (t) => {
      const isRetried = t.supports('invoke.asyncRetry');
      const { manager } = await t.deployed(isRetried ? { async: { retry: TWICE } } : {});
      if (isRetried) t.script('invoke', [{ fail: true }]);
      await manager.invoke('main', 'traced', { mode: 'async', traceparent: TRACEPARENT });
      await t.until('the call runs', () => t.reports('invoke').length >= (isRetried ? 2 : 1));
      for (const { trace } of t.reports('invoke')) {
        assert.equal(trace?.traceparent.split('-')[1], TRACE_ID);
      }
    },
  ),
  later(
    'given-up',
    'An asynchronous call is tried no more often than maxAttempts',
    ['invoke.async', 'invoke.asyncRetry'],
    async (t) => {
      const { manager } = await t.deployed({ async: { retry: TWICE } });
      t.script('invoke', [{ fail: true }, { fail: true }, { fail: true }]);
      await manager.invoke('main', 'never works', { mode: 'async' });
      await t.until('the call is repeated', () => t.reports('invoke').length > 1);
      await t.subject.clock.advance(60_000);
      await t.subject.settle();
      assert.equal(t.reports('invoke').length, 2);
    },
  ),
  later(
    'on-failure',
    'What failed for good goes to its destination',
    ['invoke.async', 'invoke.destinations', 'event.queue'],
    async (t) => {
      const { manager } = await t.deployed({
        async: { retry: NO_RETRY, onFailure: { type: 'queue', name: t.name('failed') } },
        events: [{ type: 'queue', queue: t.name('failed'), create: true }],
      });
      t.script('invoke', [{ fail: 'for good' }]);
      await manager.invoke('main', { order: 7 }, { mode: 'async' });
      await t.until('the destination is reached', () => t.reports('queue').length > 0);
      const sent = JSON.stringify(t.reports('queue')[0]?.event);
      assert.ok(
        sent.includes('"order":7') || sent.includes('\\"order\\":7'),
        `holds the input: ${sent}`,
      );
      assert.ok(sent.includes('for good'), `holds the reason: ${sent}`);
    },
  ),
  later(
    'on-success',
    'What succeeded goes to its destination',
    ['invoke.async', 'invoke.destinations', 'event.queue'],
    async (t) => {
      const { manager } = await t.deployed({
        async: { retry: NO_RETRY, onSuccess: { type: 'queue', name: t.name('done') } },
        events: [{ type: 'queue', queue: t.name('done'), create: true }],
      });
      await manager.invoke('main', { order: 8 }, { mode: 'async' });
      await t.until('the destination is reached', () => t.reports('queue').length > 0);
      const sent = JSON.stringify(t.reports('queue')[0]?.event);
      assert.ok(
        sent.includes('"order":8') || sent.includes('\\"order\\":8'),
        `holds the answer: ${sent}`,
      );
    },
  ),
  later(
    'destination-not-there',
    'A destination that is not there is refused by its field before anything is written, or comes to be in time',
    ['invoke.async', 'invoke.destinations', 'event.queue'],
    async (t) => {
      const name = t.name('nowhere');
      const manager = await t.manager({
        main: t.spec({ async: { retry: NO_RETRY, onFailure: { type: 'queue', name } } }),
      });
      const before = await t.subject.writes();
      const deployed = await manager.deploy('main').catch((cause: unknown) => ({ cause }));
      if ('cause' in deployed) {
        const refusal = { code: 'NOT_FOUND', says: ['onFailure', name] } as const;
        await t.refused(() => Promise.reject(deployed.cause), refusal);
        assert.equal(await t.subject.writes(), before, 'nothing was written');
        return;
      }
      await manager.configureEvent('main', { type: 'queue', queue: name, create: true });
      t.script('invoke', [{ fail: 'for good' }]);
      await manager.invoke('main', { order: 9 }, { mode: 'async' });
      await t.until('the destination is reached', () => t.reports('queue').length > 0);
    },
  ),
  later(
    'new-version',
    'A call that was accepted runs though a new version is deployed meanwhile',
    ['invoke.async'],
    async (t) => {
      const { manager } = await t.deployed();
      await manager.invoke('main', 'accepted', { mode: 'async' });
      await t.deployed({ variant: 'two' });
      await t.until('the call runs', () => t.reports('invoke').length > 0);
      assert.equal(only(t.reports('invoke'), 'call').event, 'accepted');
    },
  ),
];
