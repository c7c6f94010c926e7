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
} from '../aws-events/bindings.ts';
import { EventWorld, type EventFunction } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

const KINDS: Readonly<Record<string, Binding>> = {
  queue: queue('x', { deadLetter: 'dead' }),
  topic: topic('x', { deadLetter: 'dead' }),
  object: bucket('x'),
  stream: stream('x', { deadLetter: 'dead' }),
  table: table('x'),
  bus: bus('x', { deadLetter: 'dead' }),
  schedule: schedule('x'),
  url: http('x'),
  api: http('x', { methods: ['GET'], path: '/a' }),
};
const NAMES = Object.keys(KINDS);

function kind(name: string): Binding {
  const binding = KINDS[name];
  if (!binding) throw new Error(`There is no ${name}`);
  return binding;
}

/** What of the function's is bound, in the platform's words: no sources, and nothing that is the same each time. */
async function bound(fn: EventFunction): Promise<readonly string[]> {
  const lines = world.fake
    .inventory()
    .filter((line) => !/ (queue|topic|bucket|stream|table|bus) /.test(line));
  const lambda = await world.observer.lambda();
  const { Policy } = await lambda
    .getPolicy({ FunctionName: fn.target.physicalName, Qualifier: 'live' })
    .catch(() => ({ Policy: undefined }));
  const { EventSourceMappings = [] } = await lambda.listEventSourceMappings({
    FunctionName: fn.alias,
  });
  return [
    ...lines,
    ...[...(Policy ?? '').matchAll(/"Sid":"([^"]+)"/g)].map(([sid]) => sid),
    ...EventSourceMappings.map(({ EventSourceArn, State }) => `${EventSourceArn} ${State}`),
  ];
}

describe.each(NAMES)('a binding that was a %s', (name) => {
  it('leaves nothing of it when it becomes another kind under the same id', async () => {
    const before = world.fake.inventory();
    const all = Object.values(KINDS);
    const fn = await world.function('x', all);
    const unbound = await bound(fn);
    for (const other of NAMES.filter((one) => one !== name)) {
      await fn.bind([kind(other)]);
      const fresh = (await bound(fn)).length;
      await fn.bind([kind(name)]);
      await fn.bind([kind(other)]);
      expect((await bound(fn)).length, `${name} to ${other}`).toBe(fresh);
    }
    await fn.bind([]);
    expect(await bound(fn)).toEqual(unbound);
    await fn.remove();
    // Names of queues are free again after a minute.
    await world.clock.advance(61_000);
    expect(world.fake.inventory()).toEqual(before);
  });

  it('is switched off and on again', async () => {
    const on = kind(name);
    const off: Binding = { ...on, event: { ...on.event, enabled: false } };
    const fn = await world.function('x', [on]);
    const before = world.fake.inventory();
    await fn.bind([on]);
    const whenOn = await bound(fn);
    await fn.bind([off]);
    const whenOff = await bound(fn);
    const writes = world.fake.faults.writes;
    await fn.bind([off]);
    expect(world.fake.faults.writes).toBe(writes);
    await fn.bind([on]);
    expect((await bound(fn)).length).toBe(whenOn.length);
    await fn.bind([off]);
    expect((await bound(fn)).length).toBe(whenOff.length);
    await fn.unbindAll();
    await world.clock.advance(61_000);
    expect(world.fake.inventory()).toEqual(before);
    fn.record = { ...fn.record, bindings: [], made: [] };
    await fn.remove();
  });
});
