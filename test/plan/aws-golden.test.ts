/** Plans of the AWS adapter, word for word: a change of one is a change of what a deploy does. */
import { describe, expect, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import { awsWorld, type Wish, type World } from './aws-world.ts';
import { assertGolden } from '../support/plan/golden-file.ts';

const queue = {
  type: 'queue',
  id: 'incoming',
  queue: 'orders',
  deadLetter: 'orders-dead',
} as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders', cors: true } as const;
const topic = {
  type: 'topic',
  id: 'news',
  topic: 'user-registered',
  retry: { maxAttempts: 2 },
} as const;

const first: Wish = {
  code: 'a',
  description: 'Takes orders',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev', DB: { $secret: 'orders/database' } },
  tags: { team: 'shop' },
};
const withEvents: Wish = { ...first, events: [queue, route] };

/** What is there before, what is asked, and under which name its plan is kept. */
const CASES: readonly {
  readonly name: string;
  readonly given?: (world: World) => void;
  readonly when: (world: World) => Plan;
}[] = [
  { name: 'create', when: (world) => world.deploy(first) },
  { name: 'create-with-events', when: (world) => world.deploy(withEvents) },
  { name: 'unchanged', given: deployed(withEvents), when: (world) => world.deploy(withEvents) },
  {
    name: 'code-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, code: 'b' }),
  },
  {
    name: 'environment-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, env: { STAGE: 'dev' } }),
  },
  {
    name: 'all-changed',
    given: deployed(first),
    when: (world) =>
      world.deploy({
        ...first,
        code: 'b',
        memoryMb: 1024,
        architecture: 'arm64',
        tags: { team: 'warehouse' },
        keepVersions: 1,
        async: { onFailure: { type: 'queue', name: 'failed' } },
      }),
  },
  {
    name: 'events-added',
    given: deployed(first),
    when: (world) => world.deploy(withEvents),
  },
  {
    name: 'events-changed',
    given: deployed(withEvents),
    when: (world) => world.deploy({ ...first, events: [{ ...queue, batchSize: 5 }, route, topic] }),
  },
  { name: 'events-removed', given: deployed(withEvents), when: (world) => world.deploy(first) },
  {
    name: 'min-instances',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, minInstances: 2, maxInstances: 10 }),
  },
  {
    name: 'scaling',
    given: deployed({ ...first, minInstances: 2, maxInstances: 10 }),
    when: (world) =>
      world.deploy({
        ...first,
        aws: {
          provisionedConcurrency: {
            min: 1,
            max: 5,
            schedules: [{ name: 'day', cron: '0 8 ? * MON-FRI *', min: 3, max: 5 }],
          },
          keepWarm: { instances: 2 },
        },
      }),
  },
  {
    name: 'canary',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, code: 'b', aws: { canary: { weight: 0.1 } } }),
  },
  {
    name: 'canary-promoted',
    given: deployed(first, { ...first, code: 'b', aws: { canary: { weight: 0.1 } } }),
    when: (world) => world.deploy({ ...first, code: 'b' }),
  },
  {
    name: 'large-zip',
    when: (world) => world.deploy({ ...first, sizeBytes: 60_000_000 }),
  },
  { name: 'image', when: (world) => world.deploy({ ...first, image: true }) },
  {
    name: 'own-role',
    when: (world) =>
      world.deploy({ ...first, aws: { roleArn: 'arn:aws:iam::123456789012:role/mine' } }),
  },
  {
    name: 'adopt',
    given: (world) => world.stranger(),
    when: (world) => world.deploy({ ...withEvents, adopt: true }),
  },
  {
    name: 'interrupted',
    given: (world) => void world.apply(world.deploy(withEvents), 6),
    when: (world) => world.deploy(withEvents),
  },
  {
    name: 'drift',
    given(world) {
      deployed(withEvents)(world);
      world.readAll();
      world.meddle((state) => {
        if (state.role) state.role.events = [];
        state.async = { maxRetries: 0, maxAgeSeconds: 60, onSuccess: null, onFailure: null };
        state.logRetentionDays = null;
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
    name: 'remove-event',
    given(world) {
      deployed(first)(world);
      world.apply(world.configureEvent(topic));
    },
    when: (world) => world.removeEvent('news'),
  },
  {
    name: 'rollback',
    given: deployed(first, { ...first, code: 'b' }),
    when: (world) => world.rollback('1'),
  },
  { name: 'remove', given: deployed(withEvents), when: (world) => world.remove() },
  {
    name: 'remove-leftovers',
    given(world) {
      world.apply(world.deploy(first), 2);
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

describe('plans of the AWS adapter', () => {
  it.each(CASES)('$name', async ({ name, given, when }) => {
    const world = awsWorld({ artifactBucket: 'shop-artifacts' });
    given?.(world);
    const plan = when(world);
    await assertGolden(`aws-${name}`, plan);
    // It can be carried out on the state that it was made for.
    world.apply(plan);
  });

  it('do nothing where nothing is to be done', () => {
    const world = awsWorld();
    expect(world.remove().steps).toStrictEqual([]);
    expect(world.removeEvent('news').steps).toStrictEqual([]);
    deployed(withEvents)(world);
    expect(world.deploy(withEvents).steps).toStrictEqual([]);
    expect(world.rollback('1').steps).toStrictEqual([]);
    expect(world.prune(1).steps).toStrictEqual([]);
    expect(world.removeEvent('news').steps).toStrictEqual([]);
    world.readAll();
    expect(world.deploy(withEvents)).toMatchObject({ steps: [], changes: [], warnings: [] });
  });

  it('refuse a stranger, and say how to take it over', () => {
    const world = awsWorld();
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

  it('refuse what cannot be', () => {
    const world = awsWorld();
    expect(() => world.deploy({ ...first, sizeBytes: 60_000_000 })).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_TOO_LARGE',
        message: expect.stringContaining('artifactBucket'),
      }),
    );
    expect(() => world.deploy({ ...first, image: true, aws: { keepWarm: {} } })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('keepWarm') }),
    );
    deployed(first)(world);
    expect(() => world.deploy({ ...first, image: true })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    expect(() => world.rollback('9')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('"9"') }),
    );
    const tags = Object.fromEntries(Array.from({ length: 47 }, (_, index) => [`t${index}`, 'x']));
    expect(() => world.deploy({ ...first, tags })).toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED', message: expect.stringContaining('tags') }),
    );
  });

  it('hold no value of a secret, and no key', () => {
    const world = awsWorld({
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
    });
    const text = JSON.stringify(world.deploy(first));
    expect(text).toContain('orders/database');
    expect(text).not.toContain('AKIAIOSFODNN7EXAMPLE');
    expect(text).not.toContain('wJalrXUtnFEMI');
  });

  it('publish anew what a hand changed before the next version was made of it', () => {
    const world = awsWorld();
    deployed(first)(world);
    world.meddle(({ latest }) => {
      if (latest) latest.config = { ...latest.config, memoryMb: 3000 };
    });
    expect(world.deploy(first).steps).toStrictEqual([]);
    const kinds = world.deploy({ ...first, code: 'b' }).steps.map(({ kind }) => kind);
    expect(kinds).toContain('update-configuration');
  });
});

function deployed(...wishes: readonly Wish[]): (world: World) => void {
  return (world) => {
    for (const wish of wishes) world.apply(world.deploy(wish));
  };
}
