import type { AsyncPolicy } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { planAsync } from '../../../providers/gcp/events/async.ts';
import { planBindings, withAsync } from '../../../providers/gcp/events/plan.ts';
import type { AsyncWish } from '../../../providers/gcp/events/types.ts';
import { EMPTY_RECORD } from '../../../providers/gcp/record.ts';
import {
  allSteps,
  inputAt,
  kinds,
  platform,
  queue,
  RETRY,
  settledBy,
  TARGET,
  topic,
  wish,
} from './bindings.ts';

const POLICY: AsyncPolicy = { retry: RETRY, maxAgeSeconds: 3600 };
const SENDS: AsyncPolicy = {
  ...POLICY,
  onSuccess: { type: 'topic', name: 'done' },
  onFailure: { type: 'queue', name: 'projects/other/topics/failed' },
};

function asyncWish(policy: AsyncPolicy, change: Partial<AsyncWish> = {}): AsyncWish {
  return {
    target: TARGET,
    platform: platform(),
    record: EMPTY_RECORD,
    bindings: [],
    policy,
    timeoutSeconds: 30,
    isSettled: false,
    keptAccount: null,
    ...change,
  };
}

describe('asynchronous invocations', () => {
  it('need a topic, its subscription, and what all deliveries need', () => {
    const plan = planAsync(asyncWish(POLICY));
    expect(plan.checks).toEqual([]);
    expect(kinds(plan.sources)).toEqual([
      'events-net ensure-topic',
      'events-agent ensure-grants',
      'async-topic ensure-topic',
    ]);
    expect(kinds(plan.after)).toEqual(['async-bind put-subscription']);
    expect(plan.after[0]?.input).toMatchObject({
      subscription: {
        name: 'projects/polyfaas-fake/subscriptions/polyfaas-shop-dev-orders-async',
        topic: TARGET.asyncTopic,
        push: { url: { $from: 'build.url' }, path: '/polyfaas/async' },
        backoff: { minimumSeconds: 1, maximumSeconds: 600 },
        deadLetter: {
          topic: 'projects/polyfaas-fake/topics/polyfaas-shop-dev-orders-dropped',
          maxDeliveryAttempts: 100,
        },
        ordered: false,
      },
    });
    expect(plan.rules).toEqual({
      maxAttempts: 3,
      maxAgeSeconds: 3600,
      topic: { topic: TARGET.asyncTopic },
      onSuccess: null,
      onFailure: null,
    });
  });

  it('are looked for and granted where their outcomes go', () => {
    const plan = planAsync(asyncWish(SENDS));
    expect(plan.rules.onSuccess).toEqual({ topic: 'projects/polyfaas-fake/topics/done' });
    expect(plan.rules.onFailure).toEqual({ topic: 'projects/other/topics/failed' });
    expect(kinds(plan.checks)).toEqual(['async-check check-sources']);
    expect(inputAt(plan.sources.at(-1), 'grants')).toHaveLength(2);
    expect(plan.made.filter(({ kind }) => kind === 'destination')).toHaveLength(2);
    const made = planAsync(asyncWish(SENDS, { bindings: [queue('q', { queue: 'done' })] }));
    expect(inputAt(made.checks[0], 'uses')).toHaveLength(1);
  });

  it('have no steps when they are as wished', () => {
    const { made } = planAsync(asyncWish(SENDS));
    const record = { ...EMPTY_RECORD, made };
    const plan = planAsync(asyncWish(SENDS, { record, isSettled: true }));
    expect([...plan.checks, ...plan.sources, ...plan.after, ...plan.retire]).toEqual([]);
    // What the record does not know of is made, whatever is said.
    expect(planAsync(asyncWish(SENDS, { isSettled: true })).after).toHaveLength(1);
  });

  it('take back what a destination of before was granted, unless a binding needs it', () => {
    const record = { ...EMPTY_RECORD, made: planAsync(asyncWish(SENDS)).made };
    const plan = planAsync(asyncWish(POLICY, { record }));
    expect(plan.gone).toHaveLength(2);
    expect(inputAt(plan.retire[0], 'grants')).toHaveLength(2);
    const bindings = [topic('t', { deadLetter: 'done' })];
    const kept = planAsync(asyncWish(POLICY, { record, bindings }));
    expect(inputAt(kept.retire[0], 'grants')).toHaveLength(1);
  });

  it('are told what to grant to a service account of the user', () => {
    const target = { ...TARGET, ownsServiceAccount: false };
    const plan = planAsync(asyncWish(SENDS, { target }));
    expect(plan.made.filter(({ kind }) => kind === 'destination')).toEqual([]);
    expect(plan.warnings[0]?.message).toMatch(/your own[\s\S]*topics\/done[\s\S]*topics\/failed/);
    expect(JSON.stringify(plan.sources)).not.toContain(`serviceAccount:${target.serviceAccount}`);
  });
});

describe('bindings and asynchronous invocations together', () => {
  it('make what both need once, and keep what is still needed', () => {
    const bindings = [queue('q', { queue: 'done' })];
    const both = withAsync(planBindings(wish(bindings)), planAsync(asyncWish(SENDS, { bindings })));
    const ids = allSteps(both).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // The destination is made before it is granted.
    expect(ids.indexOf('event-q-source')).toBeLessThan(ids.indexOf('async-grants'));
    const record = settledBy(both, bindings);
    const without = withAsync(
      planBindings(wish(bindings, { record })),
      planAsync(asyncWish(POLICY, { record, bindings })),
    );
    expect(without.made).toEqual(both.made);
    expect(without.kept.filter(({ kind }) => kind === 'destination')).toEqual([]);
    // An event that is changed later leaves them alone.
    const alone = planBindings(wish([], { record }));
    expect(alone.kept.filter(({ kind }) => kind === 'destination')).toHaveLength(2);
    expect(alone.kept).toContainEqual({ kind: 'ownTopic', id: TARGET.asyncTopic });
  });
});
