/** What goes wrong on the way to the platform, at every call in turn. */
import assert from 'node:assert/strict';
import { ServerlessError } from '../../errors/index.ts';
import type { CapabilityKey } from '../../spi/capabilities.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { object, type ContractContext } from '../context.ts';
import {
  FAULT_KINDS,
  type ContractFaults,
  type FaultKind,
  type ServerlessManager,
} from '../subject.ts';

const faults = casesOf('faults');
/** A platform that needs more calls than this for one operation is not believed. */
const MOST_CALLS = 200;
const AN_HOUR_MS = 3_600_000;
/** A call that hangs is given up soon, so that it is the engine's own patience that is tried. */
const LIMITS = { attemptTimeoutSeconds: 20, maxAttempts: 4 } as const;

/** An operation on one function that is disturbed. */
interface Operation {
  readonly id: string;
  readonly title: string;
  /** Brings the world to where the operation begins. `turn` is another number each time. */
  before(t: ContractContext, turn: number): Promise<void>;
  /** A fresh manager, as a new process has. */
  manager(t: ContractContext, turn: number): Promise<ServerlessManager>;
  work(t: ContractContext, manager: ServerlessManager): Promise<unknown>;
  /** What the next process does. Default: the same again. */
  next?(t: ContractContext, manager: ServerlessManager): Promise<unknown>;
  /** Which faults. Default: all. */
  readonly kinds?: readonly FaultKind[];
  readonly requires?: readonly CapabilityKey[];
  /** What was built and never noted may stay where the next process does something else: it costs nothing. */
  readonly mayPileUp?: true;
  /** What must hold in the end, however often the operation was begun. */
  after(t: ContractContext, manager: ServerlessManager, turn: number): Promise<void>;
}

/** Code and environment both say which version they belong to; a mix would show. */
function managerOf(t: ContractContext, turn: number): Promise<ServerlessManager> {
  const variant = turn % 2 === 0 ? 'one' : 'two';
  return t.manager(
    { main: t.spec({ variant, env: { PART_A: variant, PART_B: `${turn}` } }) },
    { limits: LIMITS },
  );
}

async function version(
  t: ContractContext,
  manager: ServerlessManager,
): Promise<{ variant: unknown; part: unknown }> {
  const variant = await t.drive(t.call(manager, { op: 'variant' }));
  const env = object(await t.drive(t.call(manager, { op: 'env', names: ['PART_A'] })));
  return { variant, part: env['PART_A'] };
}

async function neverMixed(t: ContractContext, manager: ServerlessManager): Promise<void> {
  const { variant, part } = await version(t, manager);
  assert.equal(variant, part, 'code and environment belong together');
}

async function converged(
  t: ContractContext,
  manager: ServerlessManager,
  turn: number,
): Promise<void> {
  const { variant } = await version(t, manager);
  assert.equal(variant, turn % 2 === 0 ? 'one' : 'two', 'the wish is live');
  const again = await t.withoutWrites(() => t.drive(manager.deploy('main')));
  assert.equal(again.changed, false, 'a repeat changes nothing');
}

const OPERATIONS: readonly Operation[] = [
  {
    id: 'first-deploy',
    title: 'a first deploy',
    before: async (t, turn) => void (await (await managerOf(t, turn)).remove('main')),
    manager: managerOf,
    work: (_, manager) => manager.deploy('main'),
    after: converged,
  },
  {
    id: 'deploy',
    title: 'a deploy over a live version',
    async before(t, turn) {
      const manager = await managerOf(t, turn + 1);
      await manager.deploy('main');
      await keepsLiveBefore(t, manager);
    },
    manager: managerOf,
    work: (_, manager) => manager.deploy('main'),
    async after(t, manager, turn) {
      await converged(t, manager, turn);
      const live = (await manager.describe('main'))?.liveVersion;
      if (live) liveBefore.set(t, live);
    },
  },
  {
    id: 'configure-event',
    title: 'adding an event source',
    async before(t) {
      const manager = await managerOf(t, 0);
      await manager.deploy('main');
      await manager.removeEvent('main', 'orders');
    },
    manager: (t) => managerOf(t, 0),
    work: (t, manager) => manager.configureEvent('main', eventOf(t)),
    requires: ['event.queue'],
    async after(t, manager) {
      const again = await t.withoutWrites(() =>
        t.drive(manager.configureEvent('main', eventOf(t))),
      );
      assert.equal(again.changed, false, 'a repeat changes nothing');
      assert.equal((await manager.describe('main'))?.bindings.length, 1);
      await neverMixed(t, manager);
    },
  },
  {
    id: 'event-then-none',
    title: 'adding an event source that the next process removes',
    before: async (t) => void (await (await managerOf(t, 0)).deploy('main')),
    manager: (t) => managerOf(t, 0),
    work: (_, manager) => manager.configureEvent('main', TICK),
    next: (_, manager) => manager.removeEvent('main', TICK.id),
    kinds: ['crash'],
    requires: ['event.schedule'],
    async after(t, manager) {
      assert.deepEqual((await manager.describe('main'))?.bindings, []);
      // It may have fired while it was there.
      await t.subject.settle();
      const ticks = t.reports('schedule').length;
      await t.subject.clock.advance(3 * 60_000);
      await t.subject.settle();
      assert.equal(t.reports('schedule').length, ticks, 'it does not fire any more');
      await neverMixed(t, manager);
    },
  },
  {
    id: 'prune',
    title: 'removing old versions',
    async before(t, turn) {
      for (const one of [turn, turn + 1, turn + 2]) await (await managerOf(t, one)).deploy('main');
    },
    manager: (t, turn) => managerOf(t, turn + 2),
    work: (_, manager) => manager.prune('main', { keepVersions: 1 }),
    kinds: ['crash', 'lost-reply'],
    async after(t, manager, turn) {
      const { versions = [], liveVersion } = (await manager.describe('main')) ?? {};
      assert.deepEqual(
        versions.map(({ version: one }) => one),
        [liveVersion],
      );
      await converged(t, manager, turn);
    },
  },
  {
    id: 'deploy-then-prune',
    title: 'a deploy after which the next process removes old versions',
    async before(t, turn) {
      for (const one of [turn, turn + 1]) await (await managerOf(t, one)).deploy('main');
    },
    manager: managerOf,
    work: (_, manager) => manager.deploy('main'),
    next: pruneWhenFree,
    kinds: ['crash'],
    mayPileUp: true,
    async after(t, manager, turn) {
      // What the first process began may end only now.
      await t.subject.clock.advance(60_000);
      await t.subject.settle();
      await neverMixed(t, manager);
      await t.drive(manager.deploy('main'));
      await converged(t, manager, turn);
    },
  },
  {
    id: 'remove',
    title: 'a removal',
    before: async (t) => void (await (await managerOf(t, 0)).deploy('main')),
    manager: (t) => managerOf(t, 0),
    work: (_, manager) => manager.remove('main'),
    async after(t, manager) {
      const { removed } = await t.withoutWrites(() => t.drive(manager.remove('main')));
      assert.equal(removed, false);
      assert.equal(await manager.describe('main'), undefined);
    },
  },
  {
    id: 'remove-then-deploy',
    title: 'a removal after which the next process deploys again',
    before: async (t) => void (await (await boundManager(t)).deploy('main')),
    manager: boundManager,
    work: (_, manager) => manager.remove('main'),
    next: (_, manager) => manager.deploy('main'),
    kinds: ['crash'],
    requires: ['event.queue'],
    async after(t) {
      const before = t.reports('queue').length;
      await t.subject.emit({ kind: 'queue', queue: t.name('q'), messages: [{ data: 1 }] });
      await t.until('a message is delivered', () => t.reports('queue').length > before);
    },
  },
];

function boundManager(t: ContractContext): Promise<ServerlessManager> {
  const env = { PART_A: 'one', PART_B: '0' };
  return t.manager({ main: t.spec({ env, events: [eventOf(t)] }) }, { limits: LIMITS });
}

const TICK = { type: 'schedule', id: 'tick', cron: '* * * * *' } as const;

/** What the first process began may still be under way on the platform: then the second one is told to wait. */
async function pruneWhenFree(t: ContractContext, manager: ServerlessManager): Promise<unknown> {
  const prune = () => manager.prune('main', { keepVersions: 1 });
  return prune().catch(async (error: unknown) => {
    if (!ServerlessError.isInstance(error) || error.code !== 'CONFLICT') throw error;
    await t.subject.clock.advance(60_000);
    return prune();
  });
}

/** What was live when the turn before ended: a version more must not have cost it. */
const liveBefore = new WeakMap<ContractContext, string>();

async function keepsLiveBefore(t: ContractContext, manager: ServerlessManager): Promise<void> {
  const before = liveBefore.get(t);
  if (before === undefined) return;
  const { versions = [] } = (await manager.describe('main')) ?? {};
  assert.ok(
    versions.some(({ version: one }) => one === before),
    `${before} is still kept`,
  );
}

function eventOf(t: ContractContext): { type: 'queue'; id: string; queue: string; create: true } {
  return { type: 'queue', id: 'orders', queue: t.name('q'), create: true };
}

async function sorted(t: ContractContext): Promise<readonly string[]> {
  return [...(await t.subject.inventory())].toSorted();
}

/** What is there when a version more has gone live in peace, and the older ones are pruned. */
async function settled(t: ContractContext, turn: number): Promise<readonly string[]> {
  // What may be another's that has only begun, an adapter lets lie for a while.
  await t.subject.clock.advance(AN_HOUR_MS);
  await t.subject.settle();
  const manager = await managerOf(t, turn);
  await t.timed(() => manager.deploy('main'));
  await manager.prune('main', { keepVersions: 1 });
  return sorted(t);
}

/** Names tell the version, so it is numbers that are compared. */
async function piledUp(t: ContractContext, usual: readonly string[]): Promise<void> {
  const left = await settled(t, MOST_CALLS + 4);
  const more = left.filter((one) => !usual.includes(one));
  const fewer = usual.filter((one) => !left.includes(one));
  assert.equal(
    left.length,
    usual.length,
    `nothing has piled up: [${more.join(', ')}] instead of [${fewer.join(', ')}]`,
  );
}

/** One turn: the call number `call` goes wrong. */
async function disturb(
  t: ContractContext,
  levers: ContractFaults,
  operation: Operation,
  kind: FaultKind,
  call: number,
): Promise<void> {
  const turn = call + 1;
  await t.timed(() => operation.before(t, turn));
  const first = await operation.manager(t, turn);
  levers.arm({ call, kind });
  let hasFailed = false;
  try {
    await t.drive(operation.work(t, first)).catch((error: unknown) => {
      hasFailed = true;
      // Which code it is depends on the fault; that it is one of ours does not.
      assert.equal(error instanceof Error && error.name, 'ServerlessError', String(error));
    });
  } finally {
    levers.disarm();
  }
  const mustFail = kind === 'crash' && call === 0;
  assert.ok(
    hasFailed || !mustFail,
    'no call reaches the platform any more: is `faults.arm` in force?',
  );
  const fresh = await operation.manager(t, turn);
  if ((await fresh.describe('main'))?.liveVersion) await neverMixed(t, fresh);
  const next = operation.next ?? operation.work;
  await t.drive(next(t, fresh));
  await operation.after(t, fresh, turn);
}

function faultCase(operation: Operation, kind: FaultKind): ContractCase {
  const made = faults(
    `${operation.id}-${kind}`,
    `A "${kind}" at any call of ${operation.title} leaves old or new, a repeat converges, and nothing is orphaned`,
    operation.requires ?? [],
    async (t) => {
      const levers = t.subject.faults;
      assert.ok(
        levers,
        'the subject has `faults`; without them, choose the other `areas` of CONTRACT_AREAS',
      );
      const clean = await sorted(t);
      await t.timed(() => operation.before(t, 0));
      const counted = await operation.manager(t, 0);
      const calls = await levers.count(() => t.timed(() => operation.work(t, counted)));
      assert.ok(
        calls > 0 && calls <= MOST_CALLS,
        `${calls} calls are made, and 1 to ${MOST_CALLS} are believed (lever: \`faults.count\`)`,
      );
      await operation.next?.(t, counted);
      const usual = await settled(t, MOST_CALLS + 3);
      for (let call = 0; call < calls; call += 1) {
        await disturb(t, levers, operation, kind, call).catch((error: unknown) => {
          throw new Error(`${kind} at call ${call} of ${calls}: ${String(error)}`, {
            cause: error,
          });
        });
      }
      if (!operation.mayPileUp) await piledUp(t, usual);
      const last = await operation.manager(t, 0);
      await t.drive(last.remove('main'));
      assert.deepEqual(await sorted(t), clean, 'nothing is orphaned');
    },
  );
  return { ...made, fault: kind };
}

/** One case per fault and operation; each tries every call in turn. */
export const FAULT_CASES: readonly ContractCase[] = OPERATIONS.flatMap((operation) =>
  (operation.kinds ?? FAULT_KINDS).map((kind) => faultCase(operation, kind)),
);
