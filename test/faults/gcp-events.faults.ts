import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import {
  bucket,
  bus,
  PROJECT,
  queue,
  schedule,
  table,
  topic,
} from '../unit/gcp-events/bindings.ts';
import { ASYNC, EventWorld, type EventFunction } from '../unit/gcp-events/world.ts';
import { disturbed } from './disturbed.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

interface Kind {
  readonly name: string;
  readonly bindings: readonly Binding[];
  /** The same, otherwise: what cannot be changed in place among it. */
  readonly changed: readonly Binding[];
  /** Lets something happen that both of them are for; undefined where it happens by itself. */
  readonly happen?: () => void;
}

const KINDS: readonly Kind[] = [
  {
    name: 'queue',
    bindings: [queue('x', { deadLetter: 'dead' })],
    changed: [queue('x', { batchSize: 1 })],
    happen: () => publish('orders'),
  },
  {
    name: 'topic',
    bindings: [topic('x', { filter: { tenant: ['blue'] } })],
    changed: [topic('x', { filter: { tenant: ['blue', 'green'] }, deadLetter: 'dead' })],
    happen: () => publish('users', { tenant: 'blue' }),
  },
  {
    name: 'object',
    bindings: [bucket('x')],
    changed: [bucket('x', { prefix: 'in/', on: ['created', 'deleted'] })],
    happen: () => world.fake.storage.put('pictures', 'in/a.png', Buffer.from('x')),
  },
  {
    name: 'table',
    bindings: [table('x')],
    changed: [table('x', { deadLetter: 'dead' })],
    happen: () => world.fake.firestore.set('(default)', 'stock/a', { count: Math.random() }),
  },
  {
    name: 'bus',
    bindings: [bus('x', { deadLetter: 'dead' })],
    changed: [bus('x', { pattern: { type: ['Paid'] } })],
    happen: () => publish('shop', { 'ce-type': 'Paid', 'ce-source': 'a' }),
  },
  {
    name: 'schedule',
    bindings: [schedule('x')],
    changed: [schedule('x', { when: { everySeconds: 60 }, input: { job: 'often' } })],
  },
];
const FAULTS = ['crash', 'lost-reply'] as const;

function publish(id: string, attributes: Readonly<Record<string, string>> = {}): void {
  const name = `projects/${PROJECT}/topics/${id}`;
  world.fake.pubsub.publish(name, [{ data: Buffer.from(id), attributes }]);
}

/** Without the numbers that Google counts on. */
function sources(): readonly string[] {
  return world
    .sources()
    .map((line) => line.replace(/(eventarc-.*-|notification )\d+$/, '$1#'))
    .toSorted();
}

/** What is there for bindings alone. What functions read, and what each has whatever it is bound to, stays. */
function bound(): readonly string[] {
  const own =
    /^(?:eventarc|scheduler|bucket .+ notification|(?:topic|subscription) (?:polyfaas|eventarc)-)/;
  return sources().filter((line) => own.test(line) && !line.endsWith('-dropped'));
}

let made = 0;

/** A function, and the record that it has when it is new. */
async function aFunction(): Promise<{ fn: EventFunction; forget(): void }> {
  made += 1;
  const fn = await world.function(`f${made}`);
  const { record } = fn;
  return { fn, forget: () => void (fn.record = record) };
}

describe.each(KINDS)('$name', ({ bindings, changed, happen }) => {
  it.each(FAULTS)('bound with a %s at any call: a repeat completes it', async (kind) => {
    const { fn, forget } = await aFunction();
    const empty = sources();
    const calls = await world.faults.count(() => fn.bind(bindings));
    const full = sources();
    await fn.remove();
    for (let call = 0; call < calls; call += 1) {
      forget();
      await disturbed(world.faults, { call, kind }, () => fn.bind(bindings));
      await fn.bind(bindings);
      expect([call, sources()]).toEqual([call, full]);
      expect([call, workOf(fn, bindings)]).toEqual([call, []]);
      await fn.remove();
      expect([call, sources()]).toEqual([call, empty]);
    }
  });

  it.each(FAULTS)('given up after a %s at any call: nothing stays bound', async (kind) => {
    const { fn, forget } = await aFunction();
    const calls = await world.faults.count(() => fn.bind(bindings));
    await fn.remove();
    forget();
    for (let call = 0; call < calls; call += 1) {
      await disturbed(world.faults, { call, kind }, () => fn.bind(bindings));
      await fn.bind([]);
      expect([call, bound()]).toEqual([call, []]);
    }
    await fn.remove();
  });

  it.each(FAULTS)(
    'changed with a %s at any call: the old or the new one serves, and a repeat completes it',
    async (kind) => {
      const { fn, forget } = await aFunction();
      await fn.bind(bindings);
      const calls = await world.faults.count(() => fn.bind(changed));
      const after = sources();
      await fn.remove();
      for (let call = 0; call < calls; call += 1) {
        forget();
        await fn.bind(bindings);
        await disturbed(world.faults, { call, kind }, () => fn.bind(changed));
        expect([call, await serves(happen)]).toEqual([call, true]);
        await fn.bind(changed);
        expect([call, sources()]).toEqual([call, after]);
        await fn.remove();
      }
    },
  );

  it.each(FAULTS)('untied with a %s at any call: a repeat completes it', async (kind) => {
    const { fn } = await aFunction();
    await fn.bind(bindings);
    const calls = await world.faults.count(() => fn.bind([]));
    for (let call = 0; call < calls; call += 1) {
      await fn.bind(bindings);
      await disturbed(world.faults, { call, kind }, () => fn.bind([]));
      await fn.bind([]);
      expect([call, bound()]).toEqual([call, []]);
    }
    await fn.remove();
  });

  it.each(FAULTS)('removed with a %s at any call: a repeat completes it', async (kind) => {
    const { fn, forget } = await aFunction();
    const empty = sources();
    await fn.bind(bindings, ASYNC);
    const calls = await world.faults.count(() => fn.remove());
    for (let call = 0; call < calls; call += 1) {
      forget();
      await fn.bind(bindings, ASYNC);
      await disturbed(world.faults, { call, kind }, () => fn.remove());
      await fn.remove();
      expect([call, sources()]).toEqual([call, empty]);
    }
  });
});

/** What there would be to do for these bindings. */
function workOf(fn: EventFunction, bindings: readonly Binding[]): readonly string[] {
  const { checks, sources: first, after, retire } = fn.plan(bindings);
  return [...checks, ...first, ...after, ...retire].map(({ id }) => id);
}

/** Whether what happens reaches the function. */
async function serves(happen: (() => void) | undefined): Promise<boolean> {
  world.got.length = 0;
  happen?.();
  // The time of a schedule comes within five minutes.
  await world.pass(happen ? 30_000 : 301_000);
  return world.got.some(({ path }) => /^\/polyfaas\/(?:events|relay)\/x\b/.test(path));
}
