/**
 * Plans of the Azure adapter, word for word: a change of one is a change of what a deploy does. Each is made for a
 * state that earlier plans led to, and carried out.
 */
import { describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import type { Plan } from 'polyfaas/spi';
import { placeOf } from '../../providers/azure/names.ts';
import { azureWorld, FUNCTION, type Wish, type World } from './azure-world.ts';
import { assertGolden } from '../support/plan/golden-file.ts';
import { Chance } from './without-chance.ts';

const queue = {
  type: 'queue',
  id: 'incoming',
  queue: 'orders',
  create: true,
  deadLetter: 'orders-dead',
  retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 5 },
} as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders', cors: true } as const;
const nightly = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;
const ALL: readonly EventSpec[] = [
  queue,
  route,
  nightly,
  {
    type: 'topic',
    id: 'news',
    topic: 'user-registered',
    create: true,
    filter: { kind: ['new', 'old'] },
    retry: { maxAttempts: 2 },
  },
  {
    type: 'object',
    id: 'pictures',
    bucket: 'pictures',
    create: true,
    prefix: 'in/',
    on: ['created'],
  },
  { type: 'stream', id: 'clicks', stream: 'clicks', create: true, from: 'oldest' },
  { type: 'table', id: 'rows', table: 'rows', create: true, from: 'oldest' },
  { type: 'bus', id: 'placed', bus: 'shop', create: true, pattern: { type: ['placed'] } },
];

const first: Wish = {
  code: 'a',
  description: 'Takes orders',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev' },
  tags: { team: 'shop' },
};
const withEvents: Wish = { ...first, events: [nightly, route] };

/** What is there before, what is asked, and under which name its plan is kept. */
const CASES: readonly {
  readonly name: string;
  readonly given?: (world: World) => Promise<void>;
  readonly when: (world: World) => Promise<Plan>;
}[] = [
  { name: 'create', when: (world) => world.deploy(first) },
  { name: 'create-with-events', when: (world) => world.deploy({ ...first, events: ALL }) },
  { name: 'unchanged', given: deployed(withEvents), when: (world) => world.deploy(withEvents) },
  {
    name: 'code-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, code: 'b' }),
  },
  {
    name: 'environment-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, env: { STAGE: 'production' } }),
  },
  {
    name: 'secrets',
    given: deployed(first),
    when: (world) =>
      world.deploy({ ...first, env: { STAGE: 'dev', DB: { $secret: 'orders/database' } } }),
  },
  {
    name: 'memory-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, memoryMb: 2048 }),
  },
  {
    name: 'all-changed',
    given: deployed(first),
    when: (world) =>
      world.deploy({
        ...first,
        code: 'b',
        memoryMb: 4096,
        tags: { team: 'warehouse' },
        keepVersions: 1,
        async: { retry: { maxAttempts: 1 } },
        azure: { applicationInsights: false, appSettings: { FURTHER: 'yes' }, invokeKeyId: 'k2' },
      }),
  },
  { name: 'events-added', given: deployed(first), when: (world) => world.deploy(withEvents) },
  {
    name: 'schedule-changed',
    given: deployed(withEvents),
    when: (world) =>
      world.deploy({ ...first, events: [{ ...nightly, cron: '30 4 * * *' }, route] }),
  },
  {
    name: 'route-changed',
    given: deployed(withEvents),
    when: (world) => world.deploy({ ...first, events: [nightly, { ...route, path: '/sales' }] }),
  },
  {
    name: 'events-removed',
    given: deployed({ ...first, events: [queue, route] }),
    when: (world) => world.deploy(first),
  },
  {
    name: 'configure-event',
    given: deployed(first),
    when: (world) => world.configureEvent(queue),
  },
  {
    name: 'configure-event-settings',
    given: deployed({ ...first, events: [queue] }),
    when: (world) => world.configureEvent({ ...queue, retry: { maxAttempts: 5 } }),
  },
  {
    name: 'remove-event',
    async given(world) {
      await world.deploy(first);
      await world.configureEvent(queue);
    },
    when: (world) => world.removeEvent('incoming'),
  },
  {
    name: 'min-instances',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, minInstances: 2, maxInstances: 10 }),
  },
  {
    name: 'premium-create',
    when: (world) => world.deploy({ ...first, azure: { plan: 'premium' }, events: [nightly] }),
  },
  {
    name: 'consumption-create',
    when: (world) => world.deploy({ ...first, azure: { plan: 'consumption' } }),
  },
  {
    name: 'rollback',
    given: deployed(first, { ...first, code: 'b', memoryMb: 2048 }),
    when: (world) => world.rollback(),
  },
  { name: 'pre-warm', given: deployed(first), when: (world) => world.preWarm(3) },
  {
    name: 'prune',
    given: deployed(first, { ...first, code: 'b' }, { ...first, code: 'c' }),
    when: (world) => world.prune(1),
  },
  {
    name: 'remove',
    async given(world) {
      await world.deploy(withEvents);
      await (await other(world)).deploy('second');
    },
    when: (world) => world.remove(),
  },
  {
    name: 'remove-last',
    given: deployed({ ...first, events: [queue, { type: 'topic', topic: 'news', create: true }] }),
    when: (world) => world.remove(),
  },
  {
    name: 'remove-leftovers',
    async given(world) {
      await world.deploy(first, { until: 'plan' });
    },
    when: (world) => world.remove(),
  },
  {
    name: 'adopt',
    async given(world) {
      const { physicalName, resourceGroup } = placeIn(world);
      await world.stage.fake.stranger(physicalName, resourceGroup);
    },
    when: (world) => world.deploy(withEvents, { adopt: true }),
  },
  {
    name: 'interrupted',
    async given(world) {
      await world.deploy(first);
      await world.deploy({ ...withEvents, code: 'b' }, { until: 'pending' });
    },
    when: (world) => world.deploy({ ...withEvents, code: 'b' }),
  },
];

describe('plans of the Azure adapter', () => {
  it.each(CASES)('$name', async ({ name, given, when }) => {
    await using world = await azureWorld();
    await given?.(world);
    // An identity that goes is known before.
    const before = wordsOf(world);
    const plan = await when(world);
    const chance = new Chance({ ...before, ...wordsOf(world) });
    await assertGolden(`azure-${name}`, chance.plan(plan));
  });
});

const ref = { app: 'shop', stage: 'dev', name: FUNCTION };

function placeIn({ stage }: World) {
  return placeOf(ref, stage.fake.subscriptionId, { resourceGroup: null, siteNames: {} });
}

/** What is another one in each world, and what it is called. */
function wordsOf(world: World): Readonly<Record<string, string>> {
  const { fake } = world.stage;
  const addresses = Object.entries({ arm: fake.endpoint, ...fake.world.planes });
  const identity = fake.world.identity.identityOf(placeIn(world).ownIdentityId);
  return {
    [fake.subscriptionId]: '<subscription>',
    ...Object.fromEntries(
      addresses.map(([plane, url]) => [new URL(url).host, `<${plane}>`] as const),
    ),
    ...(identity && {
      [identity.principalId]: '<principal>',
      [identity.clientId]: '<client>',
    }),
  };
}

function deployed(...wishes: readonly Wish[]): (world: World) => Promise<void> {
  return async (world) => {
    for (const wish of wishes) await world.deploy(wish);
  };
}

describe('planning on Azure', () => {
  it('publishes nothing anew for what only settings tell', async () => {
    await using world = await azureWorld();
    await world.deploy(withEvents);
    const plan = await world.plan({ ...first, events: [{ ...nightly, cron: '1 1 * * *' }, route] });
    expect(plan.steps.map(({ kind }) => kind)).toEqual([
      'write-record',
      'app-settings',
      'write-record',
    ]);
    const added = await world.configureEvent({ ...nightly, id: 'weekly' });
    expect(added.warnings).toMatchObject([{ type: 'republish' }]);
    expect((await world.configureEvent({ ...nightly, id: 'weekly' })).steps).toEqual([]);
  });

  it('refuses a stranger, and says how to take it over', async () => {
    await using world = await azureWorld();
    const { physicalName, resourceGroup } = placeIn(world);
    const stranger = await world.stage.fake.stranger(physicalName, resourceGroup);
    const refusal = { code: 'ALREADY_EXISTS', message: expect.stringContaining('adopt: true') };
    await expect(world.plan(first)).rejects.toMatchObject(refusal);
    const absent = { code: 'NOT_FOUND' };
    await expect(world.configureEvent(nightly)).rejects.toMatchObject(absent);
    await expect(world.prune(1)).rejects.toMatchObject(absent);
    expect((await world.remove()).steps).toEqual([]);
    expect(await stranger.untouched()).toBe(true);
  });

  it('holds no value of a secret, and no key', async () => {
    await using world = await azureWorld();
    const wish = { ...first, env: { DB: { $secret: 'orders/database' } } };
    const plans = [
      await world.deploy(wish),
      await world.configureEvent(queue),
      await world.remove(),
    ];
    const text = JSON.stringify(plans);
    expect(text).toContain('orders-database');
    expect(text).not.toContain('postgres://');
    expect(text).not.toMatch(/AccountKey=|sig=|[A-Za-z0-9_-]{40,}AzFu==|k1:/);
  });
});

/** Another function of the same app and stage. */
async function other({ stage }: World) {
  return stage.manager({
    functions: { second: { source: 'export const handler = async () => 2;' } },
  });
}
