import { describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { planEventRemoval, planEvents } from '../../../providers/azure/events/plan.ts';
import {
  bucket,
  http,
  ONE_OF_EACH,
  platform,
  queue,
  record,
  RETRY,
  schedule,
  SITE,
  stream,
  topic,
  wish,
} from './bindings.ts';

import { kinds, textOf, settled } from './plan-support.ts';

describe('triggers', () => {
  it('name what may change by settings', () => {
    const { triggers, settings } = planEvents(wish(ONE_OF_EACH));
    expect(Object.fromEntries(triggers.map(({ name, method }) => [name, method]))).toEqual({
      http: 'http',
      'event-q': 'storageQueue',
      'event-t': 'serviceBusTopic',
      'event-o': 'storageQueue',
      'event-s': 'eventHub',
      'event-d': 'cosmosDB',
      'event-b': 'storageQueue',
      'event-c': 'timer',
    });
    const named = JSON.stringify(triggers).matchAll(/%([A-Z0-9_]+)%/g);
    for (const [, name = ''] of named) expect(Object.keys(settings)).toContain(name);
    expect(settings['POLYFAAS_B_C_SCHEDULE']).toBe('0 */5 * * * *');
    const connections = JSON.stringify(triggers).matchAll(/"connection":"(POLYFAAS_C_\w+)"/g);
    for (const [, name = ''] of connections) {
      expect(settings[`${name}__credential`]).toBe('managedidentity');
      expect(settings[`${name}__clientId`]).toEqual({ $from: 'identity.clientId' });
    }
  });

  it('have functions of valid and different names', () => {
    const { triggers } = planEvents(
      wish([
        queue('http'),
        queue('polyfaas', { queue: 'b2' }),
        topic('polyfaas-async'),
        http('host'),
      ]),
    );
    const names = triggers.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][\w-]{0,127}$/);
  });

  it('of schedules change by settings alone', () => {
    const one = planEvents(wish([schedule('c')]));
    const two = planEvents(wish([schedule('c', { when: { cron: '0 9 * * 1-5' } })]));
    expect(two.triggers).toEqual(one.triggers);
    expect(two.settings['POLYFAAS_B_C_SCHEDULE']).toBe('0 0 9 * * 1-5');
  });

  it('are watched unless they come more often than once a minute', () => {
    const options = (everySeconds: number) =>
      planEvents(wish([schedule('c', { when: { everySeconds } })])).triggers[0]?.options[
        'useMonitor'
      ];
    expect([options(30), options(60), options(3600)]).toEqual([false, true, true]);
  });

  it('repeat batches of streams and tables as often as they may be delivered', () => {
    const retry = (change: object, more: object = {}) => {
      const events = [stream('s', { retry: { ...RETRY, ...change }, ...more })];
      return planEvents(wish(events)).triggers[0]?.options['retry'];
    };
    expect(retry({ backoff: 'fixed', maxAttempts: 5, delaySeconds: 2 })).toEqual({
      strategy: 'fixedDelay',
      maxRetryCount: 4,
      delayInterval: { seconds: 2 },
    });
    expect(retry({})).toEqual({
      strategy: 'exponentialBackoff',
      maxRetryCount: 2,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 900 },
    });
    expect(retry({ maxAttempts: 1 })).toBeUndefined();
    // With a dead-letter queue the function counts, and the host repeats until all is in safety.
    expect(retry({ maxAttempts: 1 }, { deadLetter: 'dead' })).toMatchObject({ maxRetryCount: -1 });
  });

  it('read queues of Service Bus where they are asked for', () => {
    const { triggers, sources, made } = planEvents(
      wish([queue('q', { deadLetter: 'dead' })], { platform: platform({ queues: 'servicebus' }) }),
    );
    expect(triggers[0]?.method).toBe('serviceBusQueue');
    expect(kinds(sources)).toContain('host-servicebus ensure-host');
    expect(made.filter(({ kind }) => kind === 'queue').map(({ id }) => id)).toEqual([
      expect.stringMatching(
        /Microsoft\.ServiceBus\/namespaces\/shop-dev-[a-z2-7]{8}\/queues\/dead$/,
      ),
      expect.stringMatching(
        /Microsoft\.ServiceBus\/namespaces\/shop-dev-[a-z2-7]{8}\/queues\/orders$/,
      ),
    ]);
  });
});

describe('settings', () => {
  it('hold only the policies, without addresses, where there are only routes and schedules', () => {
    const bindings = [http('h'), schedule('c')];
    const { settings, sources } = planEvents(wish(bindings));
    expect(sources).toEqual([]);
    const policies: unknown = JSON.parse(textOf(settings['POLYFAAS_BINDINGS']));
    expect(policies).toEqual([
      { binding: bindings[0], source: 'h', deadLetter: null, again: null },
      { binding: bindings[1], source: 'c', deadLetter: null, again: null },
    ]);
  });

  it('of the host hold for all functions at once', () => {
    const host = (bindings: readonly Binding[], timeoutSeconds = 30) =>
      planEvents(wish(bindings, { timeoutSeconds })).host;
    expect(host([])).toEqual({
      queues: {
        maxDequeueCount: 101,
        visibilityTimeout: '00:00:30',
        batchSize: 16,
        newBatchThreshold: 8,
      },
    });
    expect(host([queue('a', { batchSize: 100 })])).toMatchObject({ queues: { batchSize: 32 } });
    expect(host([queue('a', { batchSize: 1 })])).toMatchObject({
      queues: { batchSize: 1, newBatchThreshold: 0 },
    });
    expect(host([topic('t')], 3600)).toMatchObject({
      serviceBus: { maxAutoLockRenewalDuration: '01:00:30' },
    });
    const streams = [
      stream('a', { batchSize: 10, batchWindowSeconds: 2, from: 'oldest' }),
      stream('b', { stream: 'other', batchSize: 7, batchWindowSeconds: 5, from: 'oldest' }),
    ];
    expect(host(streams)).toMatchObject({
      eventHubs: { maxEventBatchSize: 10, minEventBatchSize: 7, maxWaitTime: '00:00:05' },
    });
    // Where a stream begins is known when its consumer group is made.
    const start = 'AzureFunctionsJobHost__extensions__eventHubs__initialOffsetOptions__';
    expect(planEvents(wish(streams)).settings).toMatchObject({ [`${start}type`]: 'fromStart' });
    expect(planEvents(wish([stream('a')])).settings).toMatchObject({
      [`${start}type`]: 'fromEnqueuedTime',
      [`${start}enqueuedTimeUtc`]: { $from: expect.any(String) },
    });
  });
});

describe('removal', () => {
  it('takes away roles and what delivers, then sources, dead letters last', () => {
    const bindings = [queue('q', { deadLetter: 'dead' }), bucket('o')];
    const steps = planEventRemoval(wish([], { record: settled(...bindings) }));
    expect(kinds(steps)).toEqual([
      'events-disallow disallow-sources',
      'events-retire-0 delete-bound',
      'events-retire-1 delete-bound',
      'events-retire-2 delete-bound',
      'source-0-delete delete-source',
      'source-1-delete delete-source',
      'source-2-delete delete-source',
    ]);
    expect(steps.at(-1)?.title).toBe('Delete the queue "dead"');
  });

  it('of a function without bindings has no steps', () => {
    expect(planEventRemoval(wish([]))).toEqual([]);
  });

  it('finds what a crash left of bindings that the record only announces', () => {
    const steps = planEventRemoval(
      wish([], { record: record({ bindings: [topic('t')], pending: ['t'] }) }),
    );
    expect(steps.map(({ title }) => title)).toContain(
      `Delete the subscription "${SITE}-${/-(\w{8})"/.exec(steps[1]?.title ?? '')?.[1] ?? ''}"`,
    );
    expect(steps.at(-1)?.title).toBe('Delete the topic "users"');
  });
});
