import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { HANDLER_KINDS } from '../../function/events.ts';
import { fixtureSource } from '../fixture.ts';

const rollback = casesOf('rollback');
const ENV = { op: 'env', names: ['PART_A'] };

/** The way back. */
export const ROLLBACK_CASES: readonly ContractCase[] = [
  rollback(
    'default',
    'Rollback makes the version before live, code and environment',
    ['deploy.rollback'],
    async (t) => {
      const { deployment: first } = await t.deployed({ variant: 'one', env: { PART_A: '1' } });
      const { manager } = await t.deployed({ variant: 'two', env: { PART_A: '2' } });
      const back = await manager.rollback('main');
      assert.equal(back.version, first.version);
      assert.equal(back.changed, true);
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
      assert.deepEqual(await t.call(manager, ENV), { PART_A: '1' });
      assert.equal((await manager.describe('main'))?.liveVersion, first.version);
    },
  ),
  rollback(
    'to-version',
    'Rollback goes to any version that is kept',
    ['deploy.rollback'],
    async (t) => {
      const { deployment: first } = await t.deployed({ env: { PART_A: '1' } });
      await t.deployed({ env: { PART_A: '2' } });
      const { manager } = await t.deployed({ env: { PART_A: '3' } });
      await manager.rollback('main', { version: first.version });
      assert.deepEqual(await t.call(manager, ENV), { PART_A: '1' });
    },
  ),
  rollback(
    'one-back',
    'Rollback goes back by one version, and never forward',
    ['deploy.rollback'],
    async (t) => {
      const { deployment: first } = await t.deployed({ env: { PART_A: '1' } });
      const { deployment: second } = await t.deployed({ env: { PART_A: '2' } });
      const { manager } = await t.deployed({ env: { PART_A: '3' } });
      assert.equal((await manager.rollback('main')).version, second.version);
      assert.equal((await manager.rollback('main')).version, first.version);
      // Who repeats a call that was broken off must not bring back what it was to end.
      await t.withoutWrites(() =>
        t.refused(() => manager.rollback('main'), { code: 'NOT_FOUND', says: [second.version] }),
      );
      assert.deepEqual(await t.call(manager, ENV), { PART_A: '1' });
      assert.equal((await manager.rollback('main', { version: first.version })).changed, false);
    },
  ),
  rollback(
    'never-started',
    'A version that never started is no target of a rollback',
    ['deploy.rollback'],
    async (t) => {
      const { deployment: first } = await t.deployed({ variant: 'one' });
      const bad = await t.manager({
        main: t.spec({ variant: 'two', env: { BREAK_INIT: 'yes' }, handles: HANDLER_KINDS }),
      });
      await t.drive(t.refused(() => bad.deploy('main'), { code: 'FUNCTION_FAILED' }));
      const { manager, deployment: second } = await t.deployed({ variant: 'two' });
      const kept = (await manager.describe('main'))?.versions.map(({ version }) => version) ?? [];
      assert.deepEqual(new Set(kept), new Set([first.version, second.version]));
      assert.equal((await manager.rollback('main')).version, first.version);
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  rollback('settings', 'Rollback restores memory and timeout', ['deploy.rollback'], async (t) => {
    await t.deployed({ timeoutSeconds: 11 });
    const { manager } = await t.deployed({ timeoutSeconds: 22 });
    const { version } = await manager.rollback('main');
    const description = await manager.describe('main');
    const live = description?.versions.find((kept) => kept.version === version);
    assert.equal(live?.timeoutSeconds, 11);
  }),
  rollback(
    'unknown',
    'Rollback to a version that is not kept is refused',
    ['deploy.rollback'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.withoutWrites(() =>
        t.refused(() => manager.rollback('main', { version: 'no-such-version' }), {
          code: 'NOT_FOUND',
          says: ['no-such-version'],
        }),
      );
    },
  ),
  rollback(
    'nothing-kept',
    'Rollback without an older version is refused',
    ['deploy.rollback'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.withoutWrites(() => t.refused(() => manager.rollback('main'), { code: 'NOT_FOUND' }));
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  rollback(
    'not-deployed',
    'Rollback of what is not deployed is refused',
    ['deploy.rollback'],
    async (t) => {
      const manager = await t.manager();
      await t.withoutWrites(() => t.refused(() => manager.rollback('main'), { code: 'NOT_FOUND' }));
    },
  ),
  rollback(
    'keeps-bindings',
    'Rollback leaves the bindings as they are now',
    ['deploy.rollback', 'event.queue'],
    async (t) => {
      await t.deployed({ variant: 'one' });
      const queue = t.name('q');
      const { manager } = await t.deployed({
        variant: 'two',
        events: [{ type: 'queue', queue, create: true }],
      });
      await manager.rollback('main');
      await t.subject.emit({ kind: 'queue', queue, messages: [{ data: 'after' }] });
      await t.until('the message is delivered', () => t.reports('queue').length > 0);
      assert.equal(t.reports('queue')[0]?.variant, 'one');
    },
  ),
  rollback(
    'unhandled',
    'Rollback to a version that lacks a bound kind is refused',
    ['deploy.rollback', 'event.queue'],
    async (t) => {
      await t.deployed({ source: fixtureSource('one', ['invoke']) });
      const { manager } = await t.deployed({
        variant: 'two',
        events: [{ type: 'queue', queue: t.name('q'), create: true }],
      });
      await t.withoutWrites(() =>
        t.refused(() => manager.rollback('main'), {
          code: ['INVALID_ARGUMENT', 'CONFLICT'],
          says: ['queue'],
        }),
      );
      assert.equal(await t.call(manager, { op: 'variant' }), 'two');
    },
  ),
  rollback(
    'and-forward',
    'A deploy after a rollback makes the declared version live again',
    ['deploy.rollback'],
    async (t) => {
      await t.deployed({ variant: 'one' });
      const { manager } = await t.deployed({ variant: 'two' });
      await manager.rollback('main');
      assert.equal((await manager.deploy('main')).changed, true);
      assert.equal(await t.call(manager, { op: 'variant' }), 'two');
    },
  ),
];
