/** Plans of the Vercel adapter, word for word: a change of one is a change of what a deploy does. */
import { describe, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import { assertGolden } from '../support/plan/golden-file.ts';
import { vercelWorld, type Wish, type World } from './vercel-world.ts';

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
        events: [queue, route, nightly, topic, { ...topic, id: 'later', enabled: false }],
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
    name: 'code-of-before-with-events',
    given: deployed(first, { ...withEvents, code: 'b' }),
    when: (world) => world.deploy(withEvents),
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
        tags: { team: 'warehouse' },
        keepVersions: 1,
        async: { retry: { maxAttempts: 1 }, onFailure: { type: 'queue', name: 'failed' } },
        events: [route],
        vercel: {
          runtime: 'nodejs22.x',
          regions: ['iad1', 'fra1'],
          domain: 'shop.example.com',
          invokeKeyId: 'k2',
        },
      }),
  },
  { name: 'events-added', given: deployed(first), when: (world) => world.deploy(withEvents) },
  {
    name: 'events-changed',
    given: deployed(withEvents),
    when: (world) =>
      world.deploy({
        ...first,
        events: [{ ...queue, retry: { maxAttempts: 7 } }, { ...route, path: '/sales' }, nightly],
      }),
  },
  {
    name: 'events-removed',
    given: deployed(withEvents),
    when: (world) => world.deploy({ ...first, events: [nightly] }),
  },
  {
    name: 'event-disabled',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, events: [{ ...queue, enabled: false }] }),
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
      stopped(world, world.deploy({ ...withEvents, code: 'b' }), 'verify');
    },
    when: (world) => world.deploy({ ...withEvents, code: 'b' }),
  },
  {
    name: 'interrupted-first',
    given: (world) => stopped(world, world.deploy(withEvents), 'deployment'),
    when: (world) => world.deploy(withEvents),
  },
  {
    name: 'interrupted-switched',
    given(world) {
      deployed(first)(world);
      stopped(world, world.deploy(withEvents), 'retire');
    },
    when: (world) => world.deploy(withEvents),
  },
  {
    name: 'promoted-by-hand',
    given(world) {
      deployed(first, { ...first, code: 'b' })(world);
      world.meddle((state) => {
        if (state.project) state.project.production = state.deployments[0]?.id ?? null;
      });
    },
    when: (world) => world.deploy({ ...first, code: 'b' }),
  },
  {
    name: 'drift',
    given(world) {
      deployed(withEvents, { ...withEvents, code: 'b' })(world);
      world.readAll();
      world.meddle((state) => {
        state.deployments = state.deployments.slice(1);
        state.variables = state.variables.filter(({ key }) => !key.startsWith('POLYFAAS_ENV_'));
        if (state.project) state.project.hasBypass = false;
      });
    },
    when: (world) => world.deploy({ ...withEvents, code: 'b' }),
  },
  {
    name: 'lost-keys',
    given(world) {
      deployed(withEvents)(world);
      world.meddle((state) => {
        state.variables = state.variables.filter(({ key }) => key !== 'POLYFAAS_INVOKE_KEYS');
      });
    },
    when: (world) => world.deploy(withEvents),
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
  {
    name: 'rollback-with-other-events',
    given: deployed(first, { ...withEvents, code: 'b' }),
    when: (world) => world.rollback(oldest(world)),
  },
  { name: 'remove', given: deployed(withEvents), when: (world) => world.remove() },
  {
    name: 'prune',
    given: deployed(first, { ...first, code: 'b' }, { ...first, code: 'c' }),
    when: (world) => world.prune(1),
  },
  { name: 'pre-warm', given: deployed(first), when: (world) => world.preWarm(3) },
];

describe('plans of the Vercel adapter', () => {
  it.each(CASES)('$name', async ({ name, given, when }) => {
    const world = vercelWorld();
    given?.(world);
    const plan = when(world);
    await assertGolden(`vercel-${name}`, plan);
    // It can be carried out on the state that it was made for.
    world.apply(plan);
  });
});

function oldest(world: World): string {
  return world.observed().kept?.record.versions[0]?.version ?? '';
}

function deployed(...wishes: readonly Wish[]): (world: World) => void {
  return (world) => {
    for (const wish of wishes) world.apply(world.deploy(wish));
  };
}

/** Carries the plan out, up to a step. */
function stopped(world: World, plan: Plan, before: string): void {
  const steps = plan.steps.findIndex(({ id }) => id === before);
  world.apply(plan, steps);
}
