/** What the planners of the Google Cloud adapter refuse, and what they make of a state that something went wrong in. */
import { describe, expect, it } from 'vitest';
import { gcpWorld, type Wish, type World } from '../../plan/gcp-world.ts';

const queue = {
  type: 'queue',
  id: 'incoming',
  queue: 'orders',
  create: true,
  deadLetter: 'orders-dead',
} as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders', cors: true } as const;
const topic = { type: 'topic', id: 'news', topic: 'user-registered' } as const;
const nightly = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;

const first: Wish = {
  code: 'a',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev', DB: { $secret: 'orders/database' } },
  tags: { team: 'shop' },
};
const withEvents: Wish = { ...first, events: [queue, route, nightly] };

describe('planners of the Google Cloud adapter', () => {
  it('do nothing where nothing is to be done', () => {
    const world = gcpWorld();
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

  it('build only what is part of a version', () => {
    const world = gcpWorld();
    deployed(withEvents)(world);
    const { builds } = world.state();
    const wishes: readonly Wish[] = [
      { ...withEvents, keepVersions: 2 },
      { ...withEvents, keepVersions: 2, minInstances: 1 },
      { ...withEvents, keepVersions: 2, minInstances: 1, async: { maxAgeSeconds: 600 } },
      { ...first, keepVersions: 2, tags: { team: 'other' } },
      { ...first, keepVersions: 2, events: [route] },
      { ...first, keepVersions: 2, events: [route], gcp: { httpAccess: 'private' } },
    ];
    for (const wish of wishes) {
      expect(world.apply(world.deploy(wish)).steps.length).toBeGreaterThan(0);
      expect(world.deploy(wish).steps).toStrictEqual([]);
    }
    expect(world.state().builds).toBe(builds);
    for (const change of [
      { description: 'Else' },
      { timeoutSeconds: 21 },
      { concurrency: 2 },
      { maxInstances: 3 },
      { runtime: 'node22' },
      { gcp: { cpu: 1 } },
    ]) {
      const before = world.state().builds;
      world.apply(world.deploy({ ...first, ...change }));
      expect(world.state().builds).toBe(before + 1);
    }
  });

  it('go back to code that is kept without a build', () => {
    const world = gcpWorld();
    deployed(first, { ...first, code: 'b' })(world);
    const { builds } = world.state();
    world.apply(world.deploy(first));
    expect(world.state().builds).toBe(builds);
    expect(world.observed().record.live).toBe(oldest(world));
  });

  it('refuse a stranger, and say how to take it over', () => {
    const world = gcpWorld();
    world.stranger();
    const refusal = expect.objectContaining({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('adopt: true'),
    });
    expect(() => world.deploy(first)).toThrow(refusal);
    expect(() => world.configureEvent(topic)).toThrow(refusal);
    expect(() => world.rollback('1')).toThrow(refusal);
    expect(() => world.prune(1)).toThrow(refusal);
    expect(world.remove().steps).toStrictEqual([]);
  });

  it('take back what a broken adoption made, and leave the stranger alone', () => {
    const world = gcpWorld();
    world.stranger();
    const plan = world.deploy({ ...first, adopt: true });
    world.apply(
      plan,
      plan.steps.findIndex(({ id }) => id === 'build'),
    );
    expect(world.observed().description).toBeUndefined();
    const { function: theirs } = world.state();
    const removal = world.apply(world.remove());
    expect(removal.steps.map(({ id }) => id)).toContain('secret');
    expect(world.state()).toMatchObject({ function: theirs, secret: null, account: false });
  });

  it('never take over what is of the first generation', () => {
    const world = gcpWorld();
    world.stranger();
    world.meddle(({ function: found }) => {
      if (found) found.environment = 'GEN_1';
    });
    expect(() => world.deploy({ ...first, adopt: true })).toThrow(
      expect.objectContaining({
        code: 'ALREADY_EXISTS',
        message: expect.stringContaining('functionIds'),
      }),
    );
  });

  it('refuse another region, and take nothing away there', () => {
    const world = gcpWorld();
    deployed(first)(world);
    const elsewhere = gcpWorld({}, 'us-central1');
    elsewhere.meddle((state) => {
      Object.assign(state, { secret: structuredClone(world.state().secret) });
    });
    expect(() => elsewhere.deploy(first)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/region.*europe-west3.*us-central1/),
      }),
    );
    expect(elsewhere.observed().description).toBeUndefined();
    expect(elsewhere.remove().steps).toStrictEqual([]);
  });

  it('make everything anew for a function that was deleted by hand', () => {
    const world = gcpWorld();
    deployed(withEvents)(world);
    world.meddle((state) => {
      state.function = null;
      state.service = null;
    });
    expect(world.observed().description?.liveVersion).toBeNull();
    const kinds = world.apply(world.deploy(withEvents)).steps.map(({ kind }) => kind);
    expect(kinds).toContain('build-function');
    expect(kinds).toContain('put-subscription');
    expect(world.deploy(withEvents).steps).toStrictEqual([]);
    expect(world.observed().description?.versions).toHaveLength(1);
  });

  it('make everything anew after a removal that was broken off', () => {
    const world = gcpWorld();
    deployed(withEvents)(world);
    world.apply(world.remove(), 2);
    const kinds = world.apply(world.deploy(withEvents)).steps.map(({ kind }) => kind);
    expect(kinds).toContain('put-subscription');
    expect(kinds).toContain('ensure-topic');
    expect(kinds).not.toContain('build-function');
    expect(world.deploy(withEvents).steps).toStrictEqual([]);
  });

  it('put traffic right after a version that never went live', () => {
    const world = gcpWorld();
    deployed(first)(world);
    const live = world.observed().record.live;
    const broken = world.deploy({ ...first, code: 'b' });
    world.apply(
      broken,
      broken.steps.findIndex(({ id }) => id === 'verify'),
    );
    expect(world.observed().description?.liveVersion).toBe(live);
    const again = world.apply(world.deploy(first));
    expect(again.steps.map(({ id }) => id)).toStrictEqual(['claim', 'traffic', 'record']);
    expect(world.state().service?.traffic).toHaveLength(1);
    expect(world.deploy(first).steps).toStrictEqual([]);
  });

  it('let go of a revision that Cloud Run keeps for now', () => {
    const world = gcpWorld();
    deployed(first, { ...first, code: 'b' })(world);
    world.apply(world.rollback(oldest(world)));
    const pruned = world.apply(world.prune(1));
    expect(pruned.result['removedVersions']).toHaveLength(1);
    expect(world.observed().description?.versions).toHaveLength(1);
    expect(world.state().service?.revisions).toHaveLength(2);
    world.apply(world.deploy({ ...first, code: 'c' }));
    expect(world.state().service?.revisions).toHaveLength(2);
  });

  it('refuse what cannot be', () => {
    const world = gcpWorld();
    deployed({ ...first, timeoutSeconds: 900 })(world);
    expect(() => world.configureEvent(queue)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/timeoutSeconds: 900 .* 600 s .*"incoming"/),
      }),
    );
    expect(() => world.rollback('nowhere')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('nowhere') }),
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

  it('hold no value of a secret, and no key', () => {
    const text = JSON.stringify(gcpWorld().deploy(withEvents));
    expect(text).toContain('orders-database');
    expect(text).not.toContain('"keys"');
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
