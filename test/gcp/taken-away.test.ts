/**
 * What somebody took away by hand from beside a function: a full look sees that it is gone, and the deploy that looks so
 * brings it back. What was taken away from the rights of its callers, too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { at, textOf } from '../fakes/gcp/core/json.ts';
import { byHand, placeIn, servicePath } from './support/by-hand.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });
const ofProject = (kind: string, id: string): string =>
  `/v1/projects/${stage.fake.projectId}/${kind}/${id}`;
const stepsOf = async (manager: ServerlessManager, name: string): Promise<readonly string[]> =>
  (await manager.plan(name, { drift: 'full' })).steps.map(({ id }) => id);

/** The lines of the inventory that a name stands in; Google counts notifications, and what belongs to triggers. */
const linesOf = (name: string): readonly string[] =>
  stage.fake
    .inventory()
    .filter((line) => line.includes(name))
    .map((line) => line.replace(/\d+$/, ''));

async function first(api: 'scheduler' | 'eventarc', list: string, field: string): Promise<string> {
  const found = at(await byHand(stage, api).send('GET', `/v1/${list}`), field);
  const [one] = Array.isArray(found) ? found : [];
  return textOf(at(one, 'name'));
}

interface Case {
  readonly what: string;
  readonly event: EventSpec;
  readonly take: (name: string) => Promise<unknown>;
}

const subscriptionOf = (topic: string): string => {
  const { world, projectId } = stage.fake;
  const [id = ''] = world.pubsub.subscriptionsOf(`projects/${projectId}/topics/${topic}`);
  return id;
};
const pubsub = (method: string, path: string) => byHand(stage, 'pubsub').send(method, path);

const CASES: readonly Case[] = [
  {
    what: 'subscription',
    event: { type: 'topic', id: 'e', topic: 'taken-topic', create: true },
    take: () => pubsub('DELETE', `/v1/${subscriptionOf('taken-topic')}`),
  },
  {
    what: 'topic',
    event: { type: 'queue', id: 'e', queue: 'taken-queue', create: true },
    take: () => pubsub('DELETE', ofProject('topics', 'taken-queue')),
  },
  {
    what: 'letters',
    event: {
      type: 'queue',
      id: 'e',
      queue: 'taken-source',
      create: true,
      deadLetter: 'taken-letters',
    },
    take: () => pubsub('DELETE', ofProject('subscriptions', 'taken-letters')),
  },
  {
    what: 'job',
    event: { type: 'schedule', id: 'e', cron: '0 3 * * *' },
    async take(name) {
      const jobs = await first('scheduler', `${placeIn(stage)}/jobs`, 'jobs');
      expect(jobs).toContain(name);
      await byHand(stage, 'scheduler').send('DELETE', `/v1/${jobs}`);
    },
  },
  {
    what: 'notification',
    event: { type: 'object', id: 'e', bucket: 'taken-bucket', create: true },
    async take() {
      const path = '/storage/v1/b/taken-bucket/notificationConfigs';
      const hand = byHand(stage, 'storage');
      const items = at(await hand.send('GET', path), 'items');
      for (const one of Array.isArray(items) ? items : []) {
        await hand.send('DELETE', `${path}/${textOf(at(one, 'id'))}`);
      }
    },
  },
  {
    what: 'trigger',
    event: { type: 'table', id: 'e', table: 'rows' },
    async take() {
      const everywhere = `projects/${stage.fake.projectId}/locations/-/triggers`;
      const trigger = await first('eventarc', everywhere, 'triggers');
      await byHand(stage, 'eventarc').send('DELETE', `/v1/${trigger}`);
    },
  },
];

describe('what somebody took away', () => {
  it.each(CASES)('comes back: a $what', async ({ what, event, take }) => {
    const name = `taken-${what}`;
    const manager = await fresh(name, { source: EVENTS_SOURCE, events: [event] });
    await manager.deploy(name);
    expect(await stepsOf(manager, name)).toEqual([]);
    const before = linesOf('taken');
    await take(name);
    await stage.until('it is gone', () => linesOf('taken').length < before.length);
    expect((await manager.deploy(name)).changed).toBe(false);
    expect((await manager.deploy(name, { drift: 'full' })).changed).toBe(true);
    expect(linesOf('taken')).toEqual(before);
    expect(await stepsOf(manager, name)).toEqual([]);
    await manager.remove(name);
  });

  it.each(['subscriptions/ID-async', 'topics/ID-async', 'topics/ID-dropped'])(
    'comes back: what asynchronous calls go through, %s',
    async (place) => {
      const name = `taken-${place.replaceAll(/[^a-z]/g, '')}`.slice(0, 24);
      const event = { type: 'topic', id: 'e', topic: `${name}-news`, create: true } as const;
      const manager = await fresh(name, { source: EVENTS_SOURCE, events: [event] });
      await manager.deploy(name);
      const before = linesOf(name);
      const [kind = '', id = ''] = place.replace('ID', `polyfaas-shop-dev-${name}`).split('/');
      await pubsub('DELETE', ofProject(kind, id));
      await manager.deploy(name, { drift: 'full' });
      expect(linesOf(name)).toEqual(before);
      expect(await stepsOf(manager, name)).toEqual([]);
    },
  );

  it('from who may call the service comes back', async () => {
    const manager = await fresh('callers', { source: EVENTS_SOURCE });
    await manager.deploy('callers');
    const hand = byHand(stage, 'run');
    const policy = await hand.send('GET', `${servicePath(stage, 'callers')}:getIamPolicy`);
    await hand.send('POST', `${servicePath(stage, 'callers')}:setIamPolicy`, {
      policy: { ...policy, bindings: [] },
    });
    expect(await stepsOf(manager, 'callers')).toContain('access');
    await manager.deploy('callers', { drift: 'full' });
    expect(await hand.send('GET', `${servicePath(stage, 'callers')}:getIamPolicy`)).toMatchObject({
      bindings: policy['bindings'],
    });
  });
});
