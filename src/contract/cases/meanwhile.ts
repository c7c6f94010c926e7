/** What another process does while an operation is under way, before every call of it in turn. */
import assert from 'node:assert/strict';
import { ServerlessError, type ErrorCode } from '../../errors/index.ts';
import type { EventSpec } from '../../spec/types.ts';
import type { CapabilityKey } from '../../spi/capabilities.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { object, type ContractContext } from '../context.ts';
import type { ContractFaults, ServerlessManager } from '../subject.ts';

const meanwhile = casesOf('meanwhile');
/** A call that waits for the other process to end is not given up. */
const LIMITS = { attemptTimeoutSeconds: 600, maxAttempts: 4 } as const;
/** How the loser is told: that somebody else was there, or that what it works on is gone. */
const LOST: readonly ErrorCode[] = ['CONFLICT', 'NOT_FOUND'];

/** No step has less time than this. */
const LONG_HELD_MS = 30_000;

/** What one of the two processes does. */
interface Part {
  manager(t: ContractContext, turn: number): Promise<ServerlessManager>;
  work(t: ContractContext, manager: ServerlessManager): Promise<unknown>;
}

/** Two processes, of which the second does all of its work between two calls of the first. */
interface Meeting {
  readonly id: string;
  readonly title: string;
  readonly requires?: readonly CapabilityKey[];
  /** Brings the world to where both begin. `turn` is another number each time. */
  before(t: ContractContext, turn: number): Promise<void>;
  readonly first: Part;
  readonly second: Part;
  /** What must hold, beside that one of them has won and nothing is orphaned. */
  after(t: ContractContext, turn: number, won: Won): Promise<void>;
  /** Where no platform deletes only what nobody uses: between the look and the deletion is one call. */
  readonly deletesWhatIsShared?: true;
}

/** Who did not fail. */
interface Won {
  readonly first: boolean;
  readonly second: boolean;
}

/** Code and environment both say whose they are; a mix would show. */
const deploying = (variant: 'one' | 'two', functionName = 'main', withTopic = false): Part => ({
  manager: (t, turn) =>
    t.manager(
      {
        [functionName]: t.spec({
          variant,
          env: { PART_A: variant, PART_B: `${turn}` },
          ...(withTopic && { events: [shared(t)] }),
        }),
      },
      { limits: LIMITS },
    ),
  work: (_, manager) => manager.deploy(functionName),
});

const removing: Part = {
  manager: (t) => t.manager({ main: t.spec() }, { limits: LIMITS }),
  work: (_, manager) => manager.remove('main'),
};

const binding = (id: string): Part => ({
  manager: (t) => t.manager({ main: t.spec() }, { limits: LIMITS }),
  work: (t, manager) =>
    manager.configureEvent('main', { type: 'queue', id, queue: t.name(id), create: true }),
});

const pruning: Part = {
  manager: (t) => t.manager({ main: t.spec() }, { limits: LIMITS }),
  work: (_, manager) => manager.prune('main', { keepVersions: 1 }),
};

function shared(t: ContractContext): EventSpec {
  return { type: 'topic', id: 'shared', topic: t.name('shared'), create: true };
}

/** In peace, where nobody has to move the clock: on a busy machine it would outrun the work. */
async function deployed(t: ContractContext, turn: number, part: Part): Promise<void> {
  await t.timed(async () => part.work(t, await part.manager(t, turn)));
}

/** Whatever is live is of one wish; and the wish of whoever comes next goes live. */
async function wholeThenNext(t: ContractContext, turn: number): Promise<void> {
  const manager = await t.manager();
  if ((await manager.describe('main'))?.liveVersion) await whole(manager, 'main');
  const next = await deploying('one').manager(t, turn + 1_000_000);
  await t.timed(() => next.deploy('main'));
  assert.equal(await whole(next, 'main'), 'one', 'the next wish goes live');
  const again = await t.withoutWrites(() => next.deploy('main'));
  assert.equal(again.changed, false, 'a repeat changes nothing');
}

async function whole(manager: ServerlessManager, functionName: string): Promise<unknown> {
  const { output: variant } = await manager.invoke(functionName, { op: 'variant' });
  const { output } = await manager.invoke(functionName, { op: 'env', names: ['PART_A'] });
  assert.equal(variant, object(output)['PART_A'], 'code and environment belong together');
  return variant;
}

/** A function that was deployed beside a removal has all that it needs. */
async function neighbourWorks(t: ContractContext, turn: number, isThere: boolean): Promise<void> {
  const neighbour = deploying('two', 'neighbour', true);
  if (!isThere) await deployed(t, turn, neighbour);
  const manager = await neighbour.manager(t, turn);
  await delivers(t, manager, turn);
  await manager.remove('neighbour');
}

async function delivers(
  t: ContractContext,
  manager: ServerlessManager,
  data: number,
): Promise<void> {
  assert.equal(await whole(manager, 'neighbour'), 'two');
  const before = t.reports('topic').length;
  await t.subject.emit({ kind: 'topic', topic: t.name('shared'), data });
  await t.until('the message is delivered', () => t.reports('topic').length > before);
}

const live = (t: ContractContext, turn: number): Promise<void> =>
  deployed(t, turn, deploying('one'));

const gone = async (t: ContractContext): Promise<void> => {
  await (await t.manager()).remove('main');
};

/** Whatever came of a turn, a removal ends it. */
const allGone = async (t: ContractContext): Promise<void> => {
  const manager = await t.manager({ main: t.spec(), neighbour: t.spec() });
  for (const name of manager.functions) await manager.remove(name);
};

const MEETINGS: readonly Meeting[] = [
  {
    id: 'first-deploys',
    title: 'The same from another process before any call of a first deploy',
    before: gone,
    first: deploying('one'),
    second: deploying('one'),
    after: wholeThenNext,
  },
  {
    id: 'deploys',
    title: 'Another deploy before any call of a deploy',
    // What is live is neither of the two wishes.
    before: (t, turn) => live(t, turn + 2_000_000),
    first: deploying('two'),
    second: deploying('one'),
    after: wholeThenNext,
  },
  {
    id: 'deploy-prune',
    title: 'The removal of old versions before any call of a deploy',
    requires: ['deploy.rollback'],
    async before(t, turn) {
      await live(t, turn);
      await live(t, turn + 2_000_000);
    },
    first: deploying('two'),
    second: pruning,
    after: wholeThenNext,
  },
  {
    id: 'deploy-remove',
    title: 'A removal before any call of a deploy',
    before: live,
    first: deploying('two'),
    second: removing,
    after: wholeThenNext,
  },
  {
    id: 'remove-deploy',
    title: 'A deploy before any call of a removal',
    before: live,
    first: removing,
    second: deploying('two'),
    after: wholeThenNext,
  },
  {
    id: 'deploy-event',
    title: 'An event source added before any call of a deploy',
    requires: ['event.queue'],
    async before(t, turn) {
      await live(t, turn);
      await (await t.manager()).removeEvent('main', 'q');
    },
    first: deploying('two'),
    second: binding('q'),
    async after(t, turn, { second }) {
      if (second) await bound(t, ['q']);
      await wholeThenNext(t, turn);
    },
  },
  {
    id: 'events',
    title: 'An event source added before any call of adding another',
    requires: ['event.queue'],
    async before(t, turn) {
      await gone(t);
      await live(t, turn);
    },
    first: binding('p'),
    second: binding('q'),
    async after(t, turn, { first, second }) {
      await bound(t, [...(first ? ['p'] : []), ...(second ? ['q'] : [])]);
      await wholeThenNext(t, turn);
    },
  },
  {
    id: 'remove-event',
    title: 'An event source added before any call of a removal',
    requires: ['event.queue'],
    async before(t, turn) {
      await gone(t);
      empty.set(t, await inventory(t));
      await live(t, turn);
      await deployed(t, turn, binding('p'));
    },
    first: removing,
    second: binding('q'),
    async after(t, turn, { first }) {
      if (first) await nothingLeft(t, empty.get(t));
      else await bound(t, ['q']);
      await wholeThenNext(t, turn);
    },
  },
  {
    id: 'remove-neighbour',
    title: 'The first deploy of a neighbour at the same topic before any call of a removal',
    requires: ['event.topic'],
    deletesWhatIsShared: true,
    before: (t, turn) => deployed(t, turn, deploying('one', 'main', true)),
    first: removing,
    second: deploying('two', 'neighbour', true),
    after: (t, turn, { second }) => neighbourWorks(t, turn, second),
  },
  {
    id: 'neighbour-remove',
    title: 'A removal before any call of the first deploy of a neighbour at the same topic',
    requires: ['event.topic'],
    before: (t, turn) => deployed(t, turn, deploying('one', 'main', true)),
    first: deploying('two', 'neighbour', true),
    second: removing,
    after: (t, turn, { first }) => neighbourWorks(t, turn, first),
  },
];

async function bound(t: ContractContext, ids: readonly string[]): Promise<void> {
  const found = await boundQueues(t);
  assert.deepEqual(
    ids.filter((id) => !found.includes(id)),
    [],
    'what was bound is bound',
  );
  await deliversFrom(t, found);
}

async function boundQueues(t: ContractContext): Promise<readonly string[]> {
  const { bindings = [] } = (await (await t.manager()).describe('main')) ?? {};
  return bindings.map(({ id }) => id);
}

/** What is told to be bound calls the function. */
async function deliversFrom(t: ContractContext, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const source = t.name(id);
    const count = (): number =>
      t.reports('queue').filter(({ event }) => event.source === source).length;
    const before = count();
    await t.subject.emit({ kind: 'queue', queue: source, messages: [{ data: id }] });
    await t.until(`a message to "${id}" is delivered`, () => count() > before);
  }
}

/** False when it lost, and was told so. */
async function hasWon(
  who: string,
  work: Promise<unknown>,
  mayTell: () => readonly ErrorCode[] = () => LOST,
): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      const code = ServerlessError.isInstance(error) ? error.code : undefined;
      assert.ok(code && mayTell().includes(code), `the ${who} lost, and is told ${String(error)}`);
      return false;
    },
  );
}

/** One turn: the second process does its work before the call number `call` of the first. */
async function meet(
  t: ContractContext,
  levers: ContractFaults,
  { before, first, second, after }: Meeting,
  call: number,
): Promise<void> {
  const turn = call + 1;
  await before(t, turn);
  const [ours, theirs] = [await first.manager(t, turn), await second.manager(t, turn)];
  const { clock } = t.subject;
  let other: Promise<boolean> | undefined;
  let heldMs = 0;
  levers.interrupt({
    call,
    async work() {
      const since = clock.now();
      other = hasWon('second', second.work(t, theirs));
      await other;
      heldMs = clock.now() - since;
    },
  });
  // A step whose call was held for so long may be out of time.
  const own = await hasWon('first', t.drive(first.work(t, ours)), () =>
    heldMs > LONG_HELD_MS ? [...LOST, 'TIMEOUT'] : LOST,
  );
  levers.disarm();
  assert.ok(
    other ?? call > 0,
    'the first call waits for the other process: is `faults.interrupt` in force?',
  );
  // A turn may take a call less than the one that was counted.
  const won = { first: own, second: (await other) ?? false };
  assert.ok(won.first || won.second, 'one of them wins');
  await after(t, turn, won);
}

async function inventory(t: ContractContext): Promise<readonly string[]> {
  return [...(await t.subject.inventory())].toSorted();
}

/** What there is without the function. */
const empty = new WeakMap<ContractContext, readonly string[]>();

async function nothingLeft(t: ContractContext, before: readonly string[] = []): Promise<void> {
  const orphans = (await inventory(t)).filter((one) => !before.includes(one));
  assert.deepEqual(orphans, [], 'nothing is orphaned');
}

/** One case for each meeting; each tries every call of the first process in turn. */
export const MEANWHILE_CASES: readonly ContractCase[] = MEETINGS.map((meeting) =>
  meanwhile(
    meeting.id,
    `${meeting.title}: one of them wins, the other is told, and nothing is orphaned`,
    meeting.requires ?? [],
    async (t) => {
      const levers = t.subject.faults;
      assert.ok(
        levers,
        'the subject has `faults`; without them, choose the other `areas` of CONTRACT_AREAS',
      );
      let clean = await inventory(t);
      await meeting.before(t, 0);
      const alone = await meeting.first.manager(t, 0);
      const calls = await levers.count(() => t.timed(() => meeting.first.work(t, alone)));
      const unguarded: string[] = [];
      const allowed = t.subject.unguardedCalls ?? (meeting.deletesWhatIsShared ? 1 : 0);
      for (let call = 0; call < calls; call += 1) {
        await meet(t, levers, meeting, call).catch(async (cause: unknown) => {
          unguarded.push(`call ${call}: ${String(cause)}`);
          if (unguarded.length > allowed) {
            throw new Error(`of ${calls} calls, ${unguarded.join('; ')}`, { cause });
          }
          levers.disarm();
          await allGone(t);
          clean = await inventory(t);
        });
      }
      await allGone(t);
      await nothingLeft(t, clean);
    },
  ),
);
