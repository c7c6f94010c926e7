/** Plans of the Google Cloud adapter, word for word: a change of one is a change of what a deploy does. */
import { describe, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import { gcpWorld, type Wish, type World } from './gcp-world.ts';
import { assertGolden } from '../support/plan/golden-file.ts';

const queue = {
  type: 'queue',
  id: 'incoming',
  queue: 'orders',
  create: true,
  deadLetter: 'orders-dead',
} as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders', cors: true } as const;
const topic = {
  type: 'topic',
  id: 'news',
  topic: 'user-registered',
  retry: { maxAttempts: 2 },
} as const;
const nightly = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;

const first: Wish = {
  code: 'a',
  description: 'Takes orders',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev', DB: { $secret: 'orders/database' } },
  tags: { team: 'shop' },
};
const withEvents: Wish = { ...first, events: [queue, route, nightly] };

/** What is there before, what is asked, and under which name its plan is kept. */
const CASES: readonly {
  readonly name: string;
  readonly given?: (world: World) => void;
  readonly when: (world: World) => Plan;
}[] = [
  { name: 'create', when: (world) => world.deploy(first) },
  {
    name: 'create-with-events',
    when: (world) =>
      world.deploy({
        ...first,
        events: [
          queue,
          route,
          nightly,
          topic,
          {
            type: 'object',
            id: 'pictures',
            bucket: 'shop-pictures',
            create: true,
            prefix: 'in/',
            suffix: '.png',
          },
          { type: 'table', id: 'rows', table: 'orders' },
          { type: 'bus', id: 'placed', bus: 'shop', create: true, pattern: { type: ['placed'] } },
        ],
      }),
  },
  { name: 'unchanged', given: deployed(withEvents), when: (world) => world.deploy(withEvents) },
  {
    name: 'code-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, code: 'b' }),
  },
  {
    name: 'code-of-before',
    given: deployed(first, { ...first, code: 'b' }),
    when: (world) => world.deploy(first),
  },
  {
    name: 'environment-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, env: { STAGE: 'production' } }),
  },
  {
    name: 'all-changed',
    given: deployed(first),
    when: (world) =>
      world.deploy({
        ...first,
        code: 'b',
        memoryMb: 2048,
        concurrency: 10,
        maxInstances: 20,
        minInstances: 1,
        tags: { team: 'warehouse' },
        keepVersions: 1,
        async: { retry: { maxAttempts: 1 }, onFailure: { type: 'queue', name: 'failed' } },
        gcp: {
          cpu: 2,
          ingress: 'ALLOW_INTERNAL_AND_GCLB',
          httpAccess: 'private',
          invokeKeyId: 'k2',
          serviceAccount: 'mine@shop-project.iam.gserviceaccount.com',
          vpcConnector: 'projects/shop-project/locations/europe-west3/connectors/c',
        },
      }),
  },
  { name: 'event-added', given: deployed(first), when: (world) => world.deploy(withEvents) },
  {
    name: 'event-changed',
    given: deployed(withEvents),
    when: (world) =>
      world.deploy({
        ...first,
        events: [{ ...queue, retry: { maxAttempts: 7 } }, { ...route, path: '/sales' }, nightly],
      }),
  },
  {
    name: 'event-removed',
    given: deployed(withEvents),
    when: (world) => world.deploy({ ...first, events: [nightly] }),
  },
  {
    name: 'min-instances',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, minInstances: 2 }),
  },
  {
    name: 'own-account',
    when: (world) =>
      world.deploy({
        ...withEvents,
        gcp: { serviceAccount: 'mine@shop-project.iam.gserviceaccount.com' },
      }),
  },
  {
    name: 'adopt',
    given: (world) => world.stranger(),
    when: (world) => world.deploy({ ...first, adopt: true }),
  },
  {
    name: 'interrupted',
    given(world) {
      deployed(first)(world);
      const plan = world.deploy({ ...withEvents, code: 'b' });
      world.apply(
        plan,
        plan.steps.findIndex(({ id }) => id === 'switched'),
      );
    },
    when: (world) => world.deploy({ ...withEvents, code: 'b' }),
  },
  {
    name: 'failed-first',
    given(world) {
      const plan = world.deploy(first);
      world.apply(
        plan,
        plan.steps.findIndex(({ id }) => id === 'build'),
      );
      world.meddle((state) => {
        state.function = {
          state: 'FAILED',
          environment: 'GEN_2',
          hasService: false,
          labels: {
            'polyfaas-app': 'shop',
            'polyfaas-stage': 'dev',
            'polyfaas-function': 'orders',
          },
          updates: 1,
        };
      });
    },
    when: (world) => world.deploy(first),
  },
  {
    name: 'drift',
    given(world) {
      deployed({ ...withEvents, minInstances: 1 })(world);
      world.readAll();
      world.meddle(({ service }) => {
        if (!service) return;
        service.minInstances = 0;
        service.isPublic = false;
        service.traffic = service.traffic.map((one) => ({ ...one, tag: null }));
      });
    },
    when: (world) => world.deploy({ ...withEvents, minInstances: 1 }),
  },
  {
    name: 'configure-event',
    given: deployed(first),
    when: (world) => world.configureEvent(topic),
  },
  {
    name: 'configure-route',
    given: deployed(first),
    when: (world) => world.configureEvent(route),
  },
  {
    name: 'remove-event',
    given(world) {
      deployed(first)(world);
      world.apply(world.configureEvent(queue));
    },
    when: (world) => world.removeEvent('incoming'),
  },
  {
    name: 'rollback',
    given: deployed(withEvents, { ...withEvents, code: 'b', timeoutSeconds: 60 }),
    when: (world) => world.rollback(oldest(world)),
  },
  { name: 'remove', given: deployed(withEvents), when: (world) => world.remove() },
  {
    name: 'remove-leftovers',
    given(world) {
      deployed(first)(world);
      world.meddle((state) => {
        state.secret = null;
        state.function = null;
        state.service = null;
      });
      world.readAll();
    },
    when: (world) => world.remove(),
  },
  {
    name: 'prune',
    given: deployed(first, { ...first, code: 'b' }, { ...first, code: 'c' }),
    when: (world) => world.prune(1),
  },
  { name: 'pre-warm', given: deployed(first), when: (world) => world.preWarm(3) },
];

describe('plans of the Google Cloud adapter', () => {
  it.each(CASES)('$name', async ({ name, given, when }) => {
    const world = gcpWorld();
    given?.(world);
    const plan = when(world);
    await assertGolden(`gcp-${name}`, plan);
    // It can be carried out on the state that it was made for.
    world.apply(plan);
  });
});

function oldest(world: World): string {
  return world.observed().record.versions[0]?.version ?? '';
}

function deployed(...wishes: readonly Wish[]): (world: World) => void {
  return (world) => {
    for (const wish of wishes) world.apply(world.deploy(wish));
  };
}
