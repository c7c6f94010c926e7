import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { begun, number, object, text } from '../context.ts';
import { sendHttp } from '../http-client.ts';

const invoke = casesOf('invoke');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

/** What a function knows, and what it shares. */
export const INVOKE_CONTEXT_CASES: readonly ContractCase[] = [
  invoke(
    'context',
    'The context tells app, stage, function, version, provider and region',
    ['invoke.sync'],
    async (t) => {
      const { manager, deployment } = await t.deployed();
      const seen = object(await t.call(manager, { op: 'context' }));
      assert.equal(seen['app'], t.app);
      assert.equal(seen['stage'], t.stage);
      assert.equal(seen['function'], 'main');
      assert.equal(seen['version'], deployment.version);
      assert.equal(seen['provider'], manager.provider);
      assert.ok(text(seen['region']).length > 0);
      assert.equal(seen['attempt'], 1);
      assert.equal(seen['hasSignal'], true);
      assert.equal(seen['hasLog'], true);
      assert.ok(text(seen['instanceId']).length > 0);
    },
  ),
  invoke('deadline', 'The deadline is within the timeout', ['invoke.sync'], async (t) => {
    const { manager } = await t.deployed({ timeoutSeconds: 20 });
    // Inside, it is the machine's clock that counts; the platform's may be simulated and stand elsewhere.
    const clocks = (): readonly number[] => [t.subject.clock.now(), Date.now()];
    const earliest = Math.min(...clocks());
    const deadline = number(object(await t.call(manager, { op: 'context' }))['deadline']);
    assert.ok(deadline > earliest, 'it is ahead');
    // A simulated clock stands still while the function's own goes on.
    const latest = Math.max(...clocks()) + 1000;
    assert.ok(deadline <= latest + 20_000, 'it is at most the timeout away');
  }),
  invoke(
    'version-reported',
    'A result names the version that answered',
    ['invoke.sync'],
    async (t) => {
      for (const variant of ['one', 'two'] as const) {
        const { manager, deployment } = await t.deployed({ variant });
        const { output, version } = await manager.invoke('main', { op: 'variant' });
        assert.deepEqual({ output, version }, { output: variant, version: deployment.version });
      }
    },
  ),
  invoke(
    'version-chosen',
    'A version other than the live one can be called',
    ['invoke.sync', 'invoke.version'],
    async (t) => {
      const { deployment: first } = await t.deployed({ variant: 'one' });
      const { manager } = await t.deployed({ variant: 'two' });
      const result = await manager.invoke('main', { op: 'variant' }, { version: first.version });
      assert.equal(result.output, 'one');
      assert.equal(result.version, first.version);
      assert.equal(await t.call(manager, { op: 'variant' }), 'two');
    },
  ),
  invoke(
    'request-id-given',
    'A request id that is given arrives, and comes back',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const requestId = `request-${t.app}`;
      const result = await manager.invoke('main', { op: 'context' }, { requestId });
      assert.equal(result.requestId, requestId);
      assert.equal(object(result.output)['requestId'], requestId);
    },
  ),
  invoke(
    'request-id-made',
    'Without a request id each call gets one of its own',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const first = await manager.invoke('main', { op: 'context' });
      const second = await manager.invoke('main', { op: 'context' });
      assert.ok(first.requestId.length > 0);
      assert.notEqual(first.requestId, second.requestId);
      assert.equal(object(second.output)['requestId'], second.requestId);
    },
  ),
  invoke(
    'trace',
    'The trace context of the caller arrives',
    ['invoke.sync', 'trace.propagation'],
    async (t) => {
      const { manager } = await t.standing();
      const { output } = await manager.invoke(
        'main',
        { op: 'context' },
        { traceparent: TRACEPARENT },
      );
      const traceparent = text(object(object(output)['trace'])['traceparent']);
      assert.equal(traceparent.split('-')[1], TRACE_ID);
      assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
    },
  ),
  invoke(
    'cold-then-warm',
    'The first call of an instance is cold, the next is warm',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const first = await manager.invoke('main', { op: 'context' });
      const second = await manager.invoke('main', { op: 'context' });
      assert.equal(first.coldStart, true);
      assert.equal(object(first.output)['coldStart'], true);
      assert.equal(second.coldStart, false);
      assert.equal(object(second.output)['coldStart'], false);
      assert.equal(second.initDurationMs, null);
      assert.ok(first.instanceId === null || first.instanceId === second.instanceId);
    },
  ),
  invoke(
    'state-kept',
    'An instance keeps its state from call to call',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.call(manager, { op: 'state' });
      assert.equal(object(await t.call(manager, { op: 'state' }))['calls'], 2);
    },
  ),
  invoke(
    'state-apart',
    'Two functions see neither each other’s state nor environment',
    ['invoke.sync'],
    async (t) => {
      const manager = await t.manager({
        main: t.spec({ env: { PART_A: 'main' } }),
        neighbour: t.spec({ env: { PART_B: 'neighbour' } }),
      });
      await manager.deployAll();
      await manager.invoke('main', { op: 'state' });
      const { output } = await manager.invoke('neighbour', { op: 'state' });
      assert.equal(object(output)['calls'], 1);
      const names = { op: 'env', names: ['PART_A', 'PART_B'] };
      assert.deepEqual((await manager.invoke('main', names)).output, {
        PART_A: 'main',
        PART_B: null,
      });
      assert.deepEqual((await manager.invoke('neighbour', names)).output, {
        PART_A: null,
        PART_B: 'neighbour',
      });
    },
  ),
  invoke(
    'one-at-a-time',
    'An instance serves one call at a time unless told otherwise',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      t.script('invoke', [{ hold: true }, { hold: true }]);
      const calls = begun(Promise.all([0, 1].map(() => manager.invoke('main', { op: 'hold' }))));
      await t.arrived('invoke', 2);
      t.witness.release(t.app);
      const seen = (await t.drive(calls)).map(({ output }) => object(output));
      assert.deepEqual(
        seen.map(({ mostActive }) => mostActive),
        [1, 1],
      );
      assert.equal(new Set(seen.map(({ instanceId }) => instanceId)).size, 2);
    },
  ),
  invoke(
    'concurrency',
    'An instance serves as many calls at once as the declaration says',
    ['invoke.sync', 'instance.concurrency', 'instance.maxInstances'],
    async (t) => {
      const { manager } = await t.deployed({ concurrency: 3, maxInstances: 1 });
      t.script('invoke', [{ hold: true }, { hold: true }, { hold: true }]);
      const calls = begun(Promise.all([0, 1, 2].map(() => manager.invoke('main', { op: 'hold' }))));
      const reports = await t.arrived('invoke', 3);
      t.witness.release(t.app);
      await t.drive(calls);
      assert.equal(new Set(reports.map(({ instanceId }) => instanceId)).size, 1);
    },
  ),
  invoke(
    'max-instances',
    'There are never more instances than the declaration says',
    ['invoke.sync', 'instance.maxInstances'],
    async (t) => {
      const { manager } = await t.deployed({ maxInstances: 1 });
      const calls = [0, 1, 2].map(() => manager.invoke('main', { op: 'state' }));
      const results = await t.drive(Promise.allSettled(calls));
      const ids = new Set<unknown>();
      for (const result of results) {
        if (result.status === 'fulfilled') ids.add(object(result.value.output)['instanceId']);
        else await t.refused(() => Promise.reject(result.reason), { code: 'RATE_LIMITED' });
      }
      assert.equal(ids.size, 1);
    },
  ),
  invoke(
    'min-instances',
    'With minInstances the first call is warm',
    ['invoke.sync', 'instance.minInstances'],
    async (t) => {
      const { manager } = await t.deployed({ minInstances: 1 });
      await t.subject.settle();
      assert.equal((await manager.invoke('main', { op: 'variant' })).coldStart, false);
    },
  ),
  invoke(
    'new-version-fresh',
    'A new version does not see the state of the old one',
    ['invoke.sync'],
    async (t) => {
      const { manager: old } = await t.deployed();
      await t.call(old, { op: 'state' });
      const { manager } = await t.deployed({ variant: 'two' });
      const result = await manager.invoke('main', { op: 'state' });
      assert.equal(object(result.output)['calls'], 1);
      assert.equal(result.coldStart, true);
    },
  ),
  invoke(
    'many-at-once',
    'Many calls at once are each answered with their own answer',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const values = Array.from({ length: 24 }, (_, index) => index);
      const outputs: unknown[] = [];
      for (let from = 0; from < values.length; from += 4) {
        const calls = values
          .slice(from, from + 4)
          .map((value) => t.call(manager, { op: 'echo', value }));
        outputs.push(...(await Promise.all(calls)));
      }
      assert.deepEqual(outputs, values);
    },
  ),
  invoke(
    'signed-forged',
    'A direct call with a forged signature or body is refused',
    ['invoke.signedRoute'],
    async (t) => {
      const { manager } = await t.deployed();
      assert.ok(t.subject.signedCall, 'the subject makes signed calls');
      const good = await t.subject.signedCall(t.ref(), { op: 'report' });
      for (const bad of [
        { ...good, body: good.body.replace('report', 'repart') },
        { ...good, headers: {} },
        {
          ...good,
          headers: Object.fromEntries(
            Object.entries(good.headers).map(([name, value]) => [
              name,
              /signature/i.test(name) ? value.split('').toReversed().join('') : value,
            ]),
          ),
        },
      ]) {
        const { status, text: body } = await sendHttp(bad.url, bad);
        assert.ok(status === 401 || status === 403, `refused with ${status}`);
        assert.ok(!body.includes('stack'));
      }
      assert.equal(t.reports('invoke').length, 0);
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  invoke(
    'signed-replayed',
    'A direct call works once, and its replay is refused',
    ['invoke.signedRoute'],
    async (t) => {
      await t.deployed();
      assert.ok(t.subject.signedCall, 'the subject makes signed calls');
      const good = await t.subject.signedCall(t.ref(), { op: 'report' });
      assert.equal((await sendHttp(good.url, good)).status, 200);
      const replay = await sendHttp(good.url, good);
      assert.ok(replay.status === 401 || replay.status === 403 || replay.status === 409);
      assert.equal(t.reports('invoke').length, 1);
    },
  ),
  invoke(
    'signed-expired',
    'A direct call that was signed long ago is refused',
    ['invoke.signedRoute'],
    async (t) => {
      await t.deployed();
      assert.ok(t.subject.signedCall, 'the subject makes signed calls');
      const old = await t.subject.signedCall(
        t.ref(),
        { op: 'report' },
        { timeMs: t.subject.clock.now() - 3_600_000 },
      );
      const { status } = await sendHttp(old.url, old);
      assert.ok(status === 401 || status === 403, `refused with ${status}`);
      assert.equal(t.reports('invoke').length, 0);
    },
  ),
];
