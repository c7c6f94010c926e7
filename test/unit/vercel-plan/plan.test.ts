/** What the planners of the Vercel adapter refuse, and what they make of a state that something went wrong in. */
import { describe, expect, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import { vercelWorld, type Wish, type World } from '../../plan/vercel-world.ts';

const queue = { type: 'queue', id: 'incoming', queue: 'orders', create: true } as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders' } as const;
const topic = { type: 'topic', id: 'news', topic: 'user-registered' } as const;
const nightly = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;

const first: Wish = {
  code: 'a',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev', DB: { $secret: 'orders/database' } },
  tags: { team: 'shop' },
};
const second: Wish = { ...first, code: 'b' };
const withEvents: Wish = { ...first, events: [queue, route, nightly] };

describe('planners of the Vercel adapter', () => {
  it('do nothing where nothing is to be done', () => {
    const world = vercelWorld();
    expect(world.remove().steps).toStrictEqual([]);
    expect(world.removeEvent('news').steps).toStrictEqual([]);
    deployed(withEvents)(world);
    expect(world.deploy(withEvents)).toMatchObject({ steps: [], changes: [], warnings: [] });
    expect(world.rollback(oldest(world)).steps).toStrictEqual([]);
    expect(world.prune(1).steps).toStrictEqual([]);
    expect(world.removeEvent('news').steps).toStrictEqual([]);
    world.readAll();
    expect(world.deploy(withEvents)).toMatchObject({ steps: [], changes: [], warnings: [] });
  });

  it('make a new version only of what is part of one, and deploy it again for the rest', () => {
    const world = vercelWorld();
    deployed(withEvents)(world);
    const { liveVersion } = world.observed().description ?? {};
    const wishes: readonly Wish[] = [
      { ...withEvents, async: { maxAgeSeconds: 600 } },
      { ...withEvents, tags: { team: 'other' } },
      { ...withEvents, vercel: { invokeKeyId: 'k2' } },
      { ...first, events: [route] },
    ];
    for (const wish of wishes) {
      const plan = world.apply(world.deploy(wish));
      expect(ids(plan)).toContain('deployment');
      expect(plan.warnings).toMatchObject([{ type: 'republish' }]);
      expect(world.observed().description?.liveVersion).toBe(liveVersion);
      expect(world.deploy(wish).steps).toStrictEqual([]);
      expect(world.state().deployments).toHaveLength(1);
    }
    const changes: readonly Partial<Wish>[] = [
      { timeoutSeconds: 21 },
      { memoryMb: 1024 },
      { concurrency: 2 },
      { runtime: 'node22' },
      { env: {} },
      { vercel: { regions: ['iad1'] } },
    ];
    for (const change of changes) {
      const before = world.observed().description?.liveVersion;
      const plan = world.apply(world.deploy({ ...first, ...change }));
      expect(plan.warnings).toStrictEqual([]);
      expect(world.observed().description?.liveVersion).not.toBe(before);
    }
  });

  it('change the record alone for what no deployment knows', () => {
    const world = vercelWorld();
    deployed(first)(world);
    const disabled: Wish = { ...first, events: [{ ...queue, enabled: false }] };
    expect(ids(world.apply(world.deploy(disabled)))).toStrictEqual(['record']);
    expect(world.observed().description?.bindings).toHaveLength(1);
    world.apply(world.configureEvent({ ...topic, enabled: false }));
    const adopted: Wish = { ...first, events: [{ ...topic, enabled: false }] };
    expect(ids(world.apply(world.deploy(adopted)))).toStrictEqual(['record']);
    expect(world.observed().description?.bindings).toMatchObject([{ id: 'news', origin: 'spec' }]);
  });

  it('go back to code that is kept by promoting it', () => {
    const world = vercelWorld();
    deployed(first, second)(world);
    expect(ids(world.apply(world.deploy(first)))).toStrictEqual(['claim', 'promote', 'record']);
    expect(world.observed().description?.liveVersion).toBe(oldest(world));
  });

  it('roll back at once where the kept deployment has the present settings, else deploy it again', () => {
    const world = vercelWorld();
    deployed(first, second)(world);
    const version = oldest(world);
    expect(ids(world.apply(world.rollback(version)))).toStrictEqual([
      'claim',
      'rollback',
      'record',
    ]);
    deployed({ ...second, events: [route] })(world);
    const plan = world.apply(world.rollback(version));
    expect(ids(plan)).toContain('promote');
    expect(plan.warnings).toMatchObject([{ type: 'republish' }]);
    expect(world.observed().description).toMatchObject({
      liveVersion: version,
      bindings: [{ id: 'route' }],
    });
  });

  it('refuse to roll back to what does not handle what is bound, and to what is not kept', () => {
    const world = vercelWorld();
    deployed({ ...first, handles: ['invoke'] }, { ...second, events: [queue] })(world);
    expect(() => world.rollback(oldest(world))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/incoming.*no "queue" handler; it handles: invoke/),
      }),
    );
    expect(() => world.rollback('nowhere')).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringMatching(new RegExp(`"nowhere"; kept: ${oldest(world)}, `)),
      }),
    );
  });

  it('refuse a stranger, and say how to take it over', () => {
    const world = vercelWorld();
    world.stranger();
    const refusal = expect.objectContaining({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('adopt: true'),
    });
    expect(() => world.deploy(first)).toThrow(refusal);
    expect(() => world.configureEvent(topic)).toThrow(refusal);
    expect(() => world.rollback('1')).toThrow(refusal);
    expect(() => world.prune(1)).toThrow(refusal);
    expect(() => world.preWarm(1)).toThrow(refusal);
    expect(world.remove().steps).toStrictEqual([]);
    world.apply(world.deploy({ ...first, adopt: true }));
    expect(world.deploy(first).steps).toStrictEqual([]);
    // What was there before is not ours to delete.
    expect(world.state().deployments.map(({ id }) => id)).toContain('dpl_theirs');
  });

  it('know what is live by what production traffic reaches', () => {
    const world = vercelWorld();
    deployed(first, second)(world);
    promote(world, world.state().deployments[0]?.id ?? '');
    expect(ids(world.deploy(second))).toStrictEqual(['claim', 'promote', 'record']);
    // It is as wished already: only the record says otherwise.
    expect(ids(world.deploy(first))).toStrictEqual(['record']);
    world.apply(world.configureEvent(route));
    expect(world.observed().description?.liveVersion).toBe(oldest(world));
  });

  it('bring the wish back where production is a deployment of somebody else', () => {
    const world = vercelWorld();
    deployed(first)(world);
    promote(world, 'dpl_theirs');
    expect(() => world.configureEvent(route)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringContaining('dpl_theirs'),
      }),
    );
    expect(world.prune(1).steps).toStrictEqual([]);
    expect(ids(world.apply(world.deploy(first)))).toStrictEqual(['claim', 'promote', 'record']);
    expect(world.deploy(first).steps).toStrictEqual([]);
  });

  it('plan only what is missing after a deploy that was broken off', () => {
    const world = vercelWorld();
    stop(world, world.deploy(withEvents), 'verify');
    expect(() => world.configureEvent(route)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringContaining('Deploy it first'),
      }),
    );
    const again = ids(world.deploy(withEvents));
    for (const done of ['project', 'bypass', 'files']) expect(again).not.toContain(done);
    world.apply(world.deploy(withEvents));
    // The deployment was there already.
    expect(world.state().made).toBe(1);
    expect(world.deploy(withEvents).steps).toStrictEqual([]);
  });

  it('count a version that never went live as none', () => {
    const world = vercelWorld();
    deployed(first)(world);
    stop(world, world.deploy(second), 'promote');
    expect(world.observed().description?.versions).toHaveLength(1);
    world.apply(world.configureEvent(route));
    expect(world.state().deployments).toHaveLength(1);
    expect(world.deploy({ ...first, events: [] }).steps).toStrictEqual([]);
  });

  it('keep no version whose deployment is about to go', () => {
    const world = vercelWorld();
    deployed({ ...first, keepVersions: 1 })(world);
    stop(world, world.deploy({ ...second, keepVersions: 1 }), 'record');
    expect(world.observed().description?.versions).toHaveLength(1);
    world.apply(world.deploy({ ...first, keepVersions: 1 }));
    expect(world.deploy({ ...first, keepVersions: 1 }).steps).toStrictEqual([]);
    expect(world.state().made).toBe(3);
  });

  it('keep the live version, the one before it, and the newest of the others', () => {
    const world = vercelWorld();
    deployed(first, second, { ...first, code: 'c' })(world);
    const [a, b, c] = versions(world);
    world.apply(world.rollback(a ?? ''));
    world.apply(world.deploy({ ...first, code: 'd', keepVersions: 2 }));
    expect(versions(world)[0]).toBe(a);
    expect(versions(world)).toHaveLength(2);
    expect(versions(world)).not.toContain(b);
    world.apply(world.rollback(a ?? ''));
    expect(world.apply(world.prune(1)).result['removedVersions']).toHaveLength(1);
    expect(versions(world)).toStrictEqual([a]);
    expect(versions(world)).not.toContain(c);
  });

  it('note once since when a topic is bound, and anew for another topic', () => {
    const world = vercelWorld();
    const bound: Wish = { ...first, events: [topic] };
    deployed(bound)(world);
    const since = sinceOf(world);
    expect(since).toBeGreaterThan(0);
    world.apply(world.deploy({ ...bound, code: 'b' }));
    world.apply(world.configureEvent(route));
    expect(sinceOf(world)).toBe(since);
    world.apply(world.deploy({ ...first, events: [{ ...topic, topic: 'other' }] }));
    expect(sinceOf(world)).toBeGreaterThan(since ?? 0);
    world.apply(world.deploy(first));
    expect(sinceOf(world)).toBeUndefined();
  });

  it('make lost keys anew, and with them what was made with the old ones', () => {
    const world = vercelWorld();
    deployed(first, second)(world);
    world.meddle((state) => {
      state.variables = state.variables.filter(({ key }) => key !== 'POLYFAAS_INVOKE_KEYS');
    });
    stop(world, world.deploy(second), 'deployment');
    world.apply(world.deploy(second));
    const { project, deployments, keys } = world.state();
    expect(deployments.find(({ id }) => id === project?.production)?.keys).toBe(keys);
    expect(ids(world.rollback(oldest(world)))).toContain('deployment');
  });

  it('refuse to deploy a kept version again without what it consists of', () => {
    for (const prefix of ['POLYFAAS_FILES_', 'POLYFAAS_ENV_']) {
      const world = vercelWorld();
      deployed(first)(world);
      world.meddle((state) => {
        state.variables = state.variables.filter(({ key }) => !key.startsWith(prefix));
      });
      expect(() => world.configureEvent(route)).toThrow(
        expect.objectContaining({
          code: 'CONFLICT',
          message: expect.stringMatching(/[Dd]eploy "orders"/),
        }),
      );
      world.apply(world.deploy({ ...first, events: [route] }));
      expect(world.deploy({ ...first, events: [route] }).steps).toStrictEqual([]);
    }
  });

  it('refuse what cannot be', () => {
    const world = vercelWorld();
    deployed({ ...first, handles: ['invoke'] })(world);
    expect(() => world.configureEvent(queue)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    expect(() =>
      world.deploy({ ...first, events: [{ type: 'schedule', id: 'odd', every: '7 minutes' }] }),
    ).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('functions.orders.events.odd'),
      }),
    );
    const events = Array.from({ length: 400 }, (_, index) => ({
      type: 'schedule' as const,
      id: `n${index}`,
      cron: `${index % 60} ${index % 24} * * *`,
      input: { seed: `${Math.sin(index)}${Math.cos(index)}` },
    }));
    expect(() => world.deploy({ ...first, events })).toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
    );
  });

  it('tell where routes are', () => {
    const world = vercelWorld();
    const bound: Wish = { ...first, events: [route] };
    expect(world.apply(world.deploy(bound)).result['url']).toStrictEqual({ $from: 'promote.url' });
    expect(world.deploy(bound).result['url']).toBe('https://shop-dev-orders.vercel.app');
    const named: Wish = { ...bound, vercel: { domain: 'shop.example.com' } };
    // Nothing leads there yet.
    world.apply(world.deploy(named));
    expect(world.deploy(named)).toMatchObject({
      steps: [],
      result: { url: 'https://shop-dev-orders.vercel.app' },
    });
    expect(world.deploy(first).result['url']).toBeNull();
  });

  it('offer asynchronous invocations only where queues are opted in, and the code takes them', () => {
    const rules = (world: World, wish: Wish): unknown =>
      world.deploy(wish).steps.find(({ id }) => id === 'deployment')?.input['async'];
    expect(rules(vercelWorld(), first)).toMatchObject({ maxAttempts: 3 });
    expect(rules(vercelWorld(), { ...first, handles: ['http'] })).toBeNull();
    expect(rules(vercelWorld({}, { queues: false }), first)).toBeNull();
  });

  it('hold no value of a secret, and no key', () => {
    const text = JSON.stringify(vercelWorld().deploy(withEvents));
    expect(text).toContain('orders_database');
    expect(text).not.toMatch(/"(?:value|secret|keys)":"[^"]/);
  });
});

function ids({ steps }: Plan): readonly string[] {
  return steps.map(({ id }) => id);
}

function versions(world: World): readonly string[] {
  return world.observed().kept?.record.versions.map(({ version }) => version) ?? [];
}

function oldest(world: World): string {
  return versions(world)[0] ?? '';
}

function sinceOf(world: World): number | undefined {
  return world.observed().kept?.record.since['news'];
}

function promote(world: World, id: string): void {
  world.meddle(({ project }) => {
    if (project) project.production = id;
  });
}

function deployed(...wishes: readonly Wish[]): (world: World) => void {
  return (world) => {
    for (const wish of wishes) world.apply(world.deploy(wish));
  };
}

/** Carries the plan out, up to a step. */
function stop(world: World, plan: Plan, before: string): void {
  world.apply(
    plan,
    plan.steps.findIndex(({ id }) => id === before),
  );
}
