/**
 * What somebody took away by hand from beside a function, or turned away from it: a full look sees it, and the deploy that
 * looks so puts it right. What was taken away from the rights of its callers, too.
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

const CHANGES: readonly Case[] = [
  {
    what: 'job that was paused',
    event: { type: 'schedule', id: 'e', cron: '0 4 * * *' },
    take: (name) => changeJob(name, 'POST', ':pause', {}),
  },
  {
    what: 'job with another time',
    event: { type: 'schedule', id: 'e', cron: '0 5 * * *' },
    take: (name) => changeJob(name, 'PATCH', '?updateMask=schedule', { schedule: '0 6 * * *' }),
  },
  {
    what: 'job that calls somebody else',
    event: { type: 'schedule', id: 'e', cron: '0 7 * * *' },
    take: (name) =>
      changeJob(name, 'PATCH', '?updateMask=httpTarget', {
        httpTarget: { uri: 'https://else.example.com/', httpMethod: 'POST' },
      }),
  },
  {
    what: 'subscription that pushes no more',
    event: { type: 'topic', id: 'e', topic: 'changed-topic', create: true },
    take: () => pushTo('changed-topic', {}),
  },
  {
    what: 'subscription that pushes elsewhere',
    event: { type: 'queue', id: 'e', queue: 'changed-queue', create: true },
    take: () => pushTo('changed-queue', { pushEndpoint: 'https://else.example.com/' }),
  },
];

async function changeJob(name: string, method: string, more: string, body: object): Promise<void> {
  const list = at(
    await byHand(stage, 'scheduler').send('GET', `/v1/${placeIn(stage)}/jobs`),
    'jobs',
  );
  const jobs = (Array.isArray(list) ? list : []).map((one) => textOf(at(one, 'name')));
  const job = jobs.find((one) => one.includes(`${name}-e-`)) ?? '';
  await byHand(stage, 'scheduler').send(method, `/v1/${job}${more}`, body);
}

async function pushTo(topic: string, pushConfig: object): Promise<void> {
  const path = `/v1/${subscriptionOf(topic)}:modifyPushConfig`;
  await byHand(stage, 'pubsub').send('POST', path, { pushConfig });
}

describe('what somebody changed', () => {
  it.each(CHANGES)('comes back: a $what', async ({ what, event, take }) => {
    const name = `changed-${CHANGES.findIndex((one) => one.what === what)}`;
    const manager = await fresh(name, { source: EVENTS_SOURCE, events: [event] });
    await manager.deploy(name);
    expect(await stepsOf(manager, name)).toEqual([]);
    await take(name);
    expect(await stepsOf(manager, name)).toContain('event-e-bind');
    await manager.deploy(name, { drift: 'full' });
    expect(await stepsOf(manager, name)).toEqual([]);
    await manager.remove(name);
  });

  it('comes back: a trigger that calls another function', async () => {
    const functions = {
      rightly: {
        source: EVENTS_SOURCE,
        events: [{ type: 'table', id: 'e', table: 'changed-rows' }],
      },
      wrongly: { source: EVENTS_SOURCE },
    } satisfies Readonly<Record<string, FunctionSpec>>;
    const manager = await stage.manager({ functions });
    await manager.deploy('rightly');
    await manager.deploy('wrongly');
    const everywhere = `projects/${stage.fake.projectId}/locations/-/triggers`;
    const trigger = await first('eventarc', everywhere, 'triggers');
    const hand = byHand(stage, 'eventarc');
    const cloudRun = { service: 'shop-dev-wrongly', region: 'europe-west1', path: '/' };
    await hand.send('PATCH', `/v1/${trigger}?updateMask=destination`, {
      destination: { cloudRun },
    });
    await stage.clock.advance(60_000);
    await stage.fake.settle();
    expect(await stepsOf(manager, 'rightly')).toContain('event-e-trigger');
    await manager.deploy('rightly', { drift: 'full' });
    expect(await stepsOf(manager, 'rightly')).toEqual([]);
    await manager.remove('rightly');
  });

  it('stays: what is disabled is neither paused nor pushed by mistake', async () => {
    const events: readonly EventSpec[] = [
      { type: 'schedule', id: 's', cron: '0 8 * * *', enabled: false },
      { type: 'topic', id: 't', topic: 'disabled-topic', create: true, enabled: false },
    ];
    const manager = await fresh('disabled', { source: EVENTS_SOURCE, events });
    await manager.deploy('disabled');
    expect(await stepsOf(manager, 'disabled')).toEqual([]);
    await manager.remove('disabled');
  });
});

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
