import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import {
  bucket,
  bus,
  http,
  queue,
  schedule,
  stream,
  table,
  topic,
} from '../unit/aws-events/bindings.ts';
import { EventWorld, type EventFunction } from '../unit/aws-events/world.ts';
import { disturbed } from './disturbed.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

const KINDS: readonly (readonly [string, readonly Binding[]])[] = [
  ['queue', [queue('x', { deadLetter: 'dead' })]],
  ['topic', [topic('x', { deadLetter: 'dead', filter: { a: ['b'] } })]],
  ['object', [bucket('x')]],
  ['stream', [stream('x')]],
  ['table', [table('x')]],
  ['bus', [bus('x', { deadLetter: 'dead' })]],
  ['schedule', [schedule('x')]],
  ['http by URL', [http('x')]],
  ['http by API', [http('x', { methods: ['GET'], path: '/a' })]],
];
const FAULTS = ['crash', 'lost-reply'] as const;
const MOST_CALLS = 60;

/** What of the function's is still bound, in the platform's words. */
async function bound(fn: EventFunction): Promise<string> {
  const lines = world.fake
    .inventory()
    .filter((line) => !/ (queue|topic|bucket|stream|table|bus) /.test(line));
  const lambda = await world.observer.lambda();
  const { Policy } = await lambda
    .getPolicy({ FunctionName: fn.target.physicalName, Qualifier: 'live' })
    .catch(() => ({ Policy: undefined }));
  return [...lines, Policy ?? ''].join('\n');
}

describe.each(KINDS)('%s', (_kind, bindings) => {
  it.each(FAULTS)('bound with a %s at any call: a repeat completes it', async (fault) => {
    const before = world.fake.inventory();
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const fn = await world.function('x', bindings);
      const failed = await disturbed(world.fake.faults, { call, kind: fault }, () =>
        fn.bind(bindings),
      );
      await fn.bind(bindings);
      const writes = world.fake.faults.writes;
      await fn.bind(bindings);
      expect(world.fake.faults.writes).toBe(writes);
      await fn.remove();
      expect(world.fake.inventory()).toEqual(before);
      if (!failed) return;
    }
    throw new Error('there is no end of calls');
  });

  it.each(FAULTS)('given up after a %s at any call: nothing stays bound', async (fault) => {
    const fn = await world.function('x', bindings);
    const unbound = await bound(fn);
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const failed = await disturbed(world.fake.faults, { call, kind: fault }, () =>
        fn.bind(bindings),
      );
      await fn.bind([]);
      expect(await bound(fn)).toBe(unbound);
      if (!failed) break;
    }
    await fn.remove();
  });

  it.each(FAULTS)('untied with a %s at any call: a repeat completes it', async (fault) => {
    const fn = await world.function('x', bindings);
    const unbound = await bound(fn);
    for (let call = 0; call < MOST_CALLS; call += 1) {
      await fn.bind(bindings);
      const failed = await disturbed(world.fake.faults, { call, kind: fault }, () => fn.bind([]));
      await fn.bind([]);
      expect(await bound(fn)).toBe(unbound);
      if (!failed) break;
    }
    await fn.remove();
  });

  it.each(FAULTS)('removed with a %s at any call: a repeat completes it', async (fault) => {
    const before = world.fake.inventory();
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const fn = await world.function('x', bindings);
      await fn.bind(bindings);
      const failed = await disturbed(world.fake.faults, { call, kind: fault }, () =>
        fn.unbindAll(),
      );
      await fn.remove();
      expect(world.fake.inventory()).toEqual(before);
      if (!failed) return;
    }
    throw new Error('there is no end of calls');
  });
});
