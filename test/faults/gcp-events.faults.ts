import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { bucket, bus, PROJECT, queue, schedule, table, topic } from '../unit/gcp-events/bindings.ts';
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
const MOST_CALLS = 60;

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

/** What of a function's is still bound: its own dead letters and what it made for all are not. */
function bound(): readonly string[] {
  return sources().filter((line) => /^(?:subscription polyfaas-|subscription eventarc-|notification|trigger|job)/.test(line));
}

/** Tries every call in turn, until the work makes no more. */
async function atEveryCall(turn: (call: number) => Promise<boolean>): Promise<void> {
  for (let call = 0; call < MOST_CALLS; call += 1) {
    if (!(await turn(call))) return;
  }
  throw new Error('there is no end of calls');
}
