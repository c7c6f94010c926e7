import assert from 'node:assert/strict';
import type { FunctionSpec } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';
import type { ServerlessManager } from '../subject.ts';

const remove = casesOf('remove');

async function sorted(t: ContractContext): Promise<readonly string[]> {
  return [...(await t.subject.inventory())].toSorted();
}

function givingUp(deadLetter: string) {
  return { deadLetter, retry: { maxAttempts: 1 } } as const;
}

/** Waits until a dead-letter queue holds something. */
function setAside(t: ContractContext, queue: string): Promise<void> {
  return t.until(
    'the message is set aside',
    async () => (await t.subject.deadLetters(queue)).length > 0,
  );
}

/** Deploys two stages, and removes the one that made what both use. */
async function withoutOtherStage(
  t: ContractContext,
  other: FunctionSpec,
  main: FunctionSpec,
): Promise<ServerlessManager> {
  const first = await t.manager({ main: other }, { stage: 'other' });
  await first.deploy('main');
  const manager = await t.manager({ main });
  await manager.deploy('main');
  await first.remove('main');
  return manager;
}

/** What goes, and what stays. */
export const REMOVE_CASES: readonly ContractCase[] = [
  remove('leaves-nothing', 'Removing takes away all that deploying made', [], async (t) => {
    const before = await sorted(t);
    await t.deployed({ variant: 'one' });
    const { manager } = await t.deployed({ variant: 'two' });
    assert.notDeepEqual(await sorted(t), before, 'a deployed function is in the inventory');
    assert.equal((await manager.remove('main')).removed, true);
    assert.deepEqual(await sorted(t), before);
  }),
  remove(
    'takes-sources',
    'Removing takes away the sources that deploying made',
    ['event.queue'],
    async (t) => {
      const before = await sorted(t);
      const { manager } = await t.deployed({
        events: [{ type: 'queue', queue: t.name('q'), create: true }],
      });
      await manager.remove('main');
      assert.deepEqual(await sorted(t), before);
    },
  ),
  remove('twice', 'Removing what is not there is no error', [], async (t) => {
    const { manager } = await t.deployed();
    await manager.remove('main');
    const again = await t.withoutWrites(() => manager.remove('main'));
    assert.equal(again.removed, false);
  }),
  remove('then-invoke', 'What was removed cannot be called', [], async (t) => {
    const { manager } = await t.deployed();
    await manager.remove('main');
    await t.refused(() => manager.invoke('main', null), { code: 'NOT_FOUND', says: ['main'] });
    assert.equal(await manager.describe('main'), undefined);
  }),
  remove(
    'known-to-callers',
    'What was removed cannot be called by those who called it before, whoever removed it',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const other = await t.manager();
      for (const caller of [manager, other]) {
        assert.equal(await t.call(caller, { op: 'variant' }), 'one');
      }
      await manager.remove('main');
      for (const caller of [manager, other]) {
        const gone = { code: 'NOT_FOUND', says: ['main'] } as const;
        await t.drive(t.refused(() => caller.invoke('main', { op: 'variant' }), gone));
      }
      // What is deployed in its place is called by all of them.
      await t.deployed({ variant: 'two' });
      for (const caller of [manager, other]) {
        assert.equal(await t.call(caller, { op: 'variant' }), 'two');
      }
    },
  ),
  remove('then-deploy', 'What was removed can be deployed anew', [], async (t) => {
    const { manager } = await t.deployed({ env: { PART_A: '1' } });
    await manager.remove('main');
    const next = await t.deployed({ variant: 'two' });
    assert.equal(next.deployment.changed, true);
    assert.equal(await t.call(next.manager, { op: 'variant' }), 'two');
    const seen = await t.call(next.manager, { op: 'env', names: ['PART_A'] });
    assert.deepEqual(seen, { PART_A: null });
  }),
  remove('neighbours-stay', 'Removing one function leaves the others', [], async (t) => {
    const manager = await t.manager({ main: t.spec(), neighbour: t.spec() });
    await manager.deployAll();
    await manager.remove('main');
    assert.equal((await manager.invoke('neighbour', { op: 'variant' })).output, 'one');
  }),
  remove(
    'shared-stays',
    'A source that others read stays, which is said where it is a thing of its own',
    ['event.topic'],
    async (t) => {
      const before = await sorted(t);
      const topic = t.name('shared');
      const events = [{ type: 'topic', topic, create: true } as const];
      const manager = await t.manager({ main: t.spec({ events }), neighbour: t.spec({ events }) });
      await manager.deploy('main');
      await manager.deploy('neighbour');
      const { warnings } = await manager.remove('main');
      const isThing = (await t.subject.inventory()).some((line) => line.includes(topic));
      const isSaid = warnings.some(({ message }) => message.includes(topic));
      assert.equal(isSaid, isThing, JSON.stringify(warnings));
      await t.subject.emit({ kind: 'topic', topic, data: 'still read' });
      await t.until('the neighbour got it', () => t.reports('topic').length > 0);
      assert.equal(only(t.reports('topic'), 'delivery').function, 'neighbour');
      await manager.remove('neighbour');
      assert.deepEqual(await sorted(t), before, 'it goes with the last one that reads it');
    },
  ),
  remove(
    'stages-share',
    'A source that another stage of the app uses stays, and goes with it',
    ['event.topic'],
    async (t) => {
      const before = await sorted(t);
      const topic = t.name('shared');
      const main = t.spec({ events: [{ type: 'topic', topic, create: true }] });
      const other = await t.manager({ main }, { stage: 'other' });
      await other.deploy('main');
      const manager = await t.manager({ main });
      await manager.deploy('main');
      await other.remove('main');
      await t.subject.emit({ kind: 'topic', topic, data: 'still read' });
      await t.until('the stage that is left got it', () => t.reports('topic').length > 0);
      await manager.remove('main');
      assert.deepEqual(await sorted(t), before, 'it goes with the last one that reads it');
    },
  ),
  remove(
    'stages-share-dead-letters',
    'A dead-letter queue that another stage of the app uses stays, and goes with it',
    ['event.queue', 'event.queue.deadLetter'],
    async (t) => {
      const dead = t.name('dead');
      const queue = t.name('q');
      const before = await sorted(t);
      const event = { type: 'queue', create: true, ...givingUp(dead) } as const;
      const manager = await withoutOtherStage(
        t,
        t.spec({ events: [{ ...event, queue: t.name('other') }] }),
        t.spec({ events: [{ ...event, queue }] }),
      );
      t.script('queue', [{ fail: true }]);
      await t.subject.emit({ kind: 'queue', queue, messages: [{ data: 'set aside' }] });
      await setAside(t, dead);
      await manager.remove('main');
      assert.deepEqual(await sorted(t), before, 'it goes with the last one that uses it');
    },
  ),
  remove(
    'stages-share-undelivered',
    'A queue for what topics of two stages cannot deliver stays with the second, and goes with it',
    ['event.topic', 'event.topic.deadLetter'],
    async (t) => {
      const dead = t.name('dead');
      const topic = t.name('told');
      const before = await sorted(t);
      const event = { type: 'topic', create: true, ...givingUp(dead) } as const;
      const manager = await withoutOtherStage(
        t,
        t.spec({ events: [{ ...event, topic: t.name('other') }] }),
        t.spec({ events: [{ ...event, topic }] }),
      );
      t.script('topic', [{ fail: true }]);
      await t.subject.emit({ kind: 'topic', topic, data: 'set aside' });
      await setAside(t, dead);
      await manager.remove('main');
      assert.deepEqual(await sorted(t), before, 'it goes with the last one that uses it');
    },
  ),
  remove(
    'paused-stays',
    'A source that another stage has switched off for now stays for it',
    ['event.topic'],
    async (t) => {
      const before = await sorted(t);
      const topic = t.name('shared');
      const told = async () => (await sorted(t)).filter((line) => line.endsWith(` ${topic}`));
      const event = { type: 'topic', topic, create: true, enabled: false } as const;
      const other = await t.manager({ main: t.spec({ events: [event] }) }, { stage: 'other' });
      await other.deploy('main');
      const there = await told();
      const manager = await t.manager({ main: t.spec({ events: [event] }) });
      await manager.deploy('main');
      await other.remove('main');
      assert.deepEqual(await told(), there, 'the topic is there');
      await manager.remove('main');
      assert.deepEqual(await sorted(t), before, 'it goes with the last one that uses it');
    },
  ),
  remove(
    'prune',
    'Prune keeps the live version and as many as it is told',
    ['deploy.rollback'],
    async (t) => {
      for (const value of ['1', '2', '3']) await t.deployed({ env: { PART_A: value } });
      const { manager, deployment } = await t.deployed({ env: { PART_A: '4' } });
      const kept = (await manager.describe('main'))?.versions.length ?? 0;
      const { removedVersions } = await manager.prune('main', { keepVersions: 1 });
      assert.equal(removedVersions.length, kept - 1);
      assert.ok(!removedVersions.includes(deployment.version));
      assert.deepEqual(
        (await manager.describe('main'))?.versions.map(({ version }) => version),
        [deployment.version],
      );
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  remove(
    'prune-some',
    'Prune keeps the newest versions, as many as it is told',
    ['deploy.rollback'],
    async (t) => {
      const made: string[] = [];
      for (const value of ['1', '2', '3', '4']) {
        made.push((await t.deployed({ env: { PART_A: value } })).deployment.version);
      }
      const manager = await t.manager();
      const { removedVersions } = await manager.prune('main', { keepVersions: 2 });
      assert.deepEqual(removedVersions.toSorted(), made.slice(0, 2).toSorted());
      const kept = (await manager.describe('main'))?.versions.map(({ version }) => version);
      assert.deepEqual(kept?.toSorted(), made.slice(2).toSorted());
      await manager.rollback('main');
      assert.deepEqual(await t.call(manager, { op: 'env', names: ['PART_A'] }), { PART_A: '3' });
    },
  ),
  remove(
    'prune-keeps-live',
    'Prune keeps the live version though newer ones are there',
    ['deploy.rollback'],
    async (t) => {
      const { deployment: first } = await t.deployed({ env: { PART_A: '1' } });
      const { manager } = await t.deployed({ env: { PART_A: '2' } });
      await manager.rollback('main', { version: first.version });
      await manager.prune('main', { keepVersions: 1 });
      assert.deepEqual(await t.call(manager, { op: 'env', names: ['PART_A'] }), { PART_A: '1' });
    },
  ),
  remove(
    'prune-nothing',
    'Prune with nothing to delete does nothing',
    ['deploy.rollback'],
    async (t) => {
      const { manager } = await t.deployed();
      const pruned = await t.withoutWrites(() => manager.prune('main'));
      assert.deepEqual(pruned.removedVersions, []);
    },
  ),
];
