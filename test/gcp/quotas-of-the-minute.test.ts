/** Quotas of requests are by the minute: what they refuse is asked again until they have room, for as long as they say. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => stage.fake.world.exhausted.clear());

const EVENTS: readonly EventSpec[] = [
  { type: 'topic', id: 't', topic: 'quota-topic', create: true },
  { type: 'object', id: 'o', bucket: 'quota-bucket', create: true },
];
const spec: FunctionSpec = { source: EVENTS_SOURCE, events: EVENTS };
const QUOTAS = [
  'pubsub.googleapis.com/administrator_requests',
  'storage.googleapis.com/write_requests',
];

describe('a quota of requests', () => {
  it.each(QUOTAS)('of %s that has room again after a minute is waited for', async (quota) => {
    const name = `quota-${quota.split('.')[0]}`;
    const manager = await stage.manager({ functions: { [name]: spec } });
    const { exhausted } = stage.fake.world;
    exhausted.add(quota);
    const began = stage.clock.now();
    stage.clock.after(60_000, () => exhausted.clear());
    await manager.deploy(name);
    expect(stage.clock.now() - began).toBeLessThan(300_000);
    expect((await manager.plan(name, { drift: 'full' })).steps).toEqual([]);
    await manager.remove(name);
  });

  it('that never has room is told', async () => {
    const manager = await stage.manager({ functions: { never: spec } });
    stage.fake.world.exhausted.add('pubsub.googleapis.com/administrator_requests');
    const began = stage.clock.now();
    await expect(manager.deploy('never')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(stage.clock.now() - began).toBeGreaterThan(120_000);
  });
});
