/** Plans of the local provider, word for word: a change of one is a change of what a deploy does. */
import { describe, expect, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import { assertGolden } from '../support/plan/golden-file.ts';
import { localWorld, type Wish, type World } from './local-world.ts';

const queue = {
  type: 'queue',
  id: 'incoming',
  queue: 'orders',
  deadLetter: 'orders-dead',
} as const;
const route = { type: 'http', id: 'route', method: 'POST', path: '/orders', cors: true } as const;
const topic = { type: 'topic', id: 'news', topic: 'user-registered' } as const;

const first: Wish = {
  code: 'a',
  description: 'Takes orders',
  memoryMb: 512,
  timeoutSeconds: 20,
  env: { STAGE: 'dev', DB: { $secret: 'orders/db' } },
  events: [queue, route],
  tags: { team: 'shop' },
};
const second: Wish = { ...first, code: 'b' };

/** What is there before, what is asked, and under which name its plan is kept. */
const CASES: readonly {
  readonly name: string;
  readonly given?: (world: World) => void;
  readonly when: (world: World) => Plan;
}[] = [
  { name: 'first-deploy', when: (world) => world.deploy(first) },
  { name: 'code-change', given: deployed(first), when: (world) => world.deploy(second) },
  {
    name: 'environment-change',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, env: { STAGE: 'dev' } }),
  },
  {
    name: 'settings-only',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, maxInstances: 3, description: 'Takes more orders' }),
  },
  {
    name: 'events-only',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, events: [{ ...queue, batchSize: 5 }, route, topic] }),
  },
  { name: 'unchanged', given: deployed(first), when: (world) => world.deploy(first) },
  {
    name: 'spec-binding-removed',
    given: deployed(first),
    when: (world) => world.deploy({ ...first, events: [queue] }),
  },
  {
    name: 'api-binding-kept',
    given: withApiBinding,
    when: (world) => world.deploy({ ...first, events: [route] }),
  },
  {
    name: 'api-binding-pruned',
    given: withApiBinding,
    when: (world) => world.deploy({ ...first, pruneBindings: true }),
  },
  {
    name: 'api-binding-declared',
    given: withApiBinding,
    when: (world) => world.deploy({ ...first, events: [queue, route, topic] }),
  },
  {
    name: 'adopt',
    given: (world) => world.stranger(),
    when: (world) => world.deploy({ ...first, adopt: true }),
  },
  {
    name: 'old-code-again',
    given: deployed(first, second),
    when: (world) => world.deploy(first),
  },
  {
    name: 'too-many-versions',
    given: deployed(first, second, { ...first, code: 'c' }),
    when: (world) => world.deploy({ ...first, code: 'd', keepVersions: 2 }),
  },
  {
    name: 'fewer-versions',
    given: deployed(first, second, { ...first, code: 'c' }),
    when: (world) => world.deploy({ ...first, code: 'c', keepVersions: 1 }),
  },
  {
    name: 'lost-code',
    given: (world) => {
      deployed(first)(world);
      world.loseCode();
    },
    when: (world) => world.deploy(first),
  },
  {
    name: 'configure-event-add',
    given: deployed(first),
    when: (world) => world.configureEvent(topic),
  },
  {
    name: 'configure-event-change',
    given: withApiBinding,
    when: (world) => world.configureEvent({ ...topic, filter: { country: ['de', 'fr'] } }),
  },
  {
    name: 'configure-event-same',
    given: withApiBinding,
    when: (world) => world.configureEvent(topic),
  },
  {
    name: 'configure-route',
    given: deployed({ ...first, events: [] }),
    when: (world) => world.configureEvent(route),
  },
  {
    name: 'remove-event',
    given: withApiBinding,
    when: (world) => world.removeEvent('news'),
  },
  {
    name: 'remove-event-absent',
    given: deployed(first),
    when: (world) => world.removeEvent('news'),
  },
  { name: 'rollback', given: deployed(first, second), when: (world) => world.rollback('1') },
  {
    name: 'rollback-to-live',
    given: deployed(first, second),
    when: (world) => world.rollback('2'),
  },
  { name: 'remove', given: deployed(first), when: (world) => world.remove() },
  { name: 'remove-absent', when: (world) => world.remove() },
  { name: 'remove-stranger', given: (world) => world.stranger(), when: (world) => world.remove() },
  {
    name: 'prune-versions',
    given: deployed(first, second, { ...first, code: 'c' }),
    when: (world) => world.prune(1),
  },
  { name: 'prune-nothing', given: deployed(first), when: (world) => world.prune(5) },
  { name: 'pre-warm', given: deployed(first), when: (world) => world.preWarm(3) },
];

describe('plans of the local provider', () => {
  it.each(CASES)('$name', async ({ name, given, when }) => {
    using world = localWorld();
    given?.(world);
    const plan = when(world);
    await assertGolden(name, plan);
    // It can be carried out on the state that it was made for.
    world.apply(plan);
  });

  it('refuse a stranger, and say how to take it over', () => {
    using world = localWorld();
    world.stranger();
    const refusal = expect.objectContaining({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('adopt: true'),
    });
    expect(() => world.deploy(first)).toThrow(refusal);
    expect(() => world.configureEvent(topic)).toThrow(refusal);
    expect(() => world.rollback('1')).toThrow(refusal);
    expect(() => world.prune(1)).toThrow(refusal);
  });

  it('refuse a version that is not kept', () => {
    using world = localWorld();
    deployed(first)(world);
    expect(() => world.rollback('9')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('"9"') }),
    );
  });
});

function deployed(...wishes: readonly Wish[]): (world: World) => void {
  return (world) => {
    for (const wish of wishes) world.apply(world.deploy(wish));
  };
}

function withApiBinding(world: World): void {
  deployed(first)(world);
  world.apply(world.configureEvent(topic));
}
