import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';
import { fixtureSource } from '../fixture.ts';
import type { ServerlessManager } from '../subject.ts';
import { SOURCE_KINDS, type SourceKind } from './sources.ts';

const binding = casesOf('binding');

/** What a binding may take until it is in force everywhere: permissions spread, pollers find their source. */
const PATIENCE_MS = 120_000;
const STEP_MS = 2000;
/** Each wait is longer than the one before: what is never delivered is waited for to the end. */
const GROWTH = 1.6;

/** How many deliveries firing once brings. */
async function deliveries(
  t: ContractContext,
  manager: ServerlessManager,
  source: SourceKind,
): Promise<number> {
  const before = t.reports(source.kind).length;
  // A source that the platform took away with its binding takes no events either.
  await source.fire(t, manager).catch(() => undefined);
  await t.subject.settle();
  const count = (): number => t.reports(source.kind).length - before;
  // A timer fires by itself: waiting longer would count other firings.
  if (source.kind === 'schedule') return count();
  let stepMs = STEP_MS;
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && count() === 0; waitedMs += stepMs) {
    stepMs = Math.round(stepMs * GROWTH);
    await t.subject.clock.advance(stepMs);
    await t.subject.settle();
  }
  await t.subject.clock.advance(STEP_MS);
  await t.subject.settle();
  return count();
}

async function bindings(manager: ServerlessManager): Promise<readonly string[]> {
  return ((await manager.describe('main'))?.bindings ?? []).map(
    ({ id, origin, event }) => `${event.type} ${id} ${origin}`,
  );
}

function casesOfKind(source: SourceKind): readonly ContractCase[] {
  const { kind } = source;
  const requires = [`event.${kind}`] as const;
  return [
    binding(
      `${kind}-added`,
      `configureEvent adds a ${kind} source to what is deployed`,
      requires,
      async (t) => {
        const { manager } = await t.deployed();
        const { bindingId, changed } = await manager.configureEvent('main', source.event(t));
        assert.equal(changed, true);
        assert.deepEqual(await bindings(manager), [`${kind} ${bindingId} api`]);
        assert.equal(await deliveries(t, manager, source), 1);
      },
    ),
    binding(
      `${kind}-again`,
      `The same ${kind} source again changes nothing`,
      requires,
      async (t) => {
        const { manager } = await t.deployed();
        const first = await manager.configureEvent('main', source.event(t));
        const again = await t.withoutWrites(() => manager.configureEvent('main', source.event(t)));
        assert.equal(again.bindingId, first.bindingId);
        assert.equal(again.changed, false);
        assert.equal((await bindings(manager)).length, 1);
        assert.equal(await deliveries(t, manager, source), 1);
      },
    ),
    binding(
      `${kind}-changed`,
      `A ${kind} source that is set otherwise is changed, not doubled`,
      requires,
      async (t) => {
        const { manager } = await t.deployed();
        const first = await manager.configureEvent('main', source.event(t));
        const next = await manager.configureEvent('main', source.variation(t));
        assert.equal(next.bindingId, first.bindingId);
        assert.equal(next.changed, true);
        assert.equal((await bindings(manager)).length, 1);
        assert.equal(await deliveries(t, manager, source), 1);
      },
    ),
    binding(
      `${kind}-removed`,
      `A ${kind} source that was removed delivers no more`,
      requires,
      async (t) => {
        const { manager } = await t.deployed();
        const { bindingId } = await manager.configureEvent('main', source.event(t));
        assert.equal((await manager.removeEvent('main', bindingId)).removed, true);
        assert.deepEqual(await bindings(manager), []);
        assert.equal(await deliveries(t, manager, source), 0);
        const again = await t.withoutWrites(() => manager.removeEvent('main', bindingId));
        assert.equal(again.removed, false);
      },
    ),
    binding(
      `${kind}-declared`,
      `A declared ${kind} source is deployed with the function, and a repeat changes nothing`,
      requires,
      async (t) => {
        const { manager, deployment } = await t.deployed({ events: [source.event(t)] });
        assert.equal(only(deployment.bindings, 'binding').origin, 'spec');
        assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
        assert.equal(await deliveries(t, manager, source), 1);
      },
    ),
    binding(
      `${kind}-undeclared`,
      `A declared ${kind} source that left the declaration goes with the next deploy`,
      requires,
      async (t) => {
        const before = await t.deployed({ events: [source.event(t)] });
        assert.equal((await bindings(before.manager)).length, 1);
        const { manager } = await t.deployed({ events: [] });
        assert.deepEqual(await bindings(manager), []);
        assert.equal(await deliveries(t, manager, source), 0);
      },
    ),
    binding(
      `${kind}-survives`,
      `A ${kind} source that was added survives a deploy, and serves the new version`,
      requires,
      async (t) => {
        const first = await t.deployed();
        await first.manager.configureEvent('main', source.event(t));
        const { manager } = await t.deployed({ variant: 'two' });
        assert.equal((await bindings(manager)).length, 1);
        assert.equal(await deliveries(t, manager, source), 1);
        assert.equal(t.reports(kind).at(-1)?.variant, 'two');
      },
    ),
    binding(
      `${kind}-disabled`,
      `A disabled ${kind} source is there and delivers nothing`,
      requires,
      async (t) => {
        const { manager } = await t.deployed({ events: [{ ...source.event(t), enabled: false }] });
        assert.equal((await bindings(manager)).length, 1);
        assert.equal(await deliveries(t, manager, source), 0);
      },
    ),
    binding(
      `${kind}-wrong`,
      `A wrong ${kind} source is refused, and the field is named`,
      requires,
      async (t) => {
        const { manager } = await t.deployed();
        const { field, value } = source.wrong;
        const wrong = Object.assign(source.event(t), { [field]: value });
        await t.withoutWrites(() =>
          t.refused(() => manager.configureEvent('main', wrong), {
            code: 'INVALID_ARGUMENT',
            says: [field],
          }),
        );
      },
    ),
  ];
}

/** Event sources of every kind: added, changed, removed. */
export const BINDING_CASES: readonly ContractCase[] = [
  ...SOURCE_KINDS.flatMap(casesOfKind),
  binding(
    'pruned',
    'A deploy with prune removes what configureEvent added',
    ['event.queue'],
    async (t) => {
      const { manager } = await t.deployed();
      await manager.configureEvent('main', { type: 'queue', queue: t.name('q'), create: true });
      await manager.deploy('main', { prune: true });
      assert.deepEqual(await bindings(manager), []);
    },
  ),
  binding('named', 'A binding has the id that it is given', ['event.queue'], async (t) => {
    const { manager } = await t.deployed();
    const event = { type: 'queue', id: 'orders', queue: t.name('q'), create: true } as const;
    assert.equal((await manager.configureEvent('main', event)).bindingId, 'orders');
    assert.deepEqual(await bindings(manager), ['queue orders api']);
  }),
  binding(
    'not-deployed',
    'An event source needs a deployed function',
    ['event.queue'],
    async (t) => {
      const manager = await t.manager();
      await t.withoutWrites(() =>
        t.refused(
          () => manager.configureEvent('main', { type: 'queue', queue: t.name('q'), create: true }),
          { code: 'NOT_FOUND', says: ['main'] },
        ),
      );
    },
  ),
  binding(
    'unhandled',
    'An event source of a kind that the code does not handle is refused',
    ['event.queue'],
    async (t) => {
      const { manager } = await t.deployed({ source: fixtureSource('one', ['invoke']) });
      await t.withoutWrites(() =>
        t.refused(
          () => manager.configureEvent('main', { type: 'queue', queue: t.name('q'), create: true }),
          { code: 'INVALID_ARGUMENT', says: ['queue'] },
        ),
      );
    },
  ),
  binding(
    'two-of-one-id',
    'Two declared sources of one id are refused',
    ['event.queue'],
    async (t) => {
      const event = { type: 'queue', id: 'same', create: true } as const;
      await t.withoutWrites(() =>
        t.refused(
          async () => {
            const manager = await t.manager({
              main: t.spec({
                events: [
                  { ...event, queue: t.name('q1') },
                  { ...event, queue: t.name('q2') },
                ],
              }),
            });
            await manager.deploy('main');
          },
          { code: 'INVALID_ARGUMENT', says: ['same'] },
        ),
      );
    },
  ),
];
