import { describe, expect, it } from 'vitest';
import type { Binding, Step } from 'polyfaas/spi';
import { dependenciesOf } from '../../../src/engine/step-order.ts';
import { EVENT_EXECUTORS } from '../../../providers/azure/events/execute.ts';
import { planEventRemoval, planEvents } from '../../../providers/azure/events/plan.ts';
import { planRemoveShared } from '../../../providers/azure/events/shared.ts';
import type { BindingPlan } from '../../../providers/azure/events/types.ts';
import type { FunctionRecord } from '../../../providers/azure/record.ts';
import {
  bucket,
  bus,
  GROUP,
  http,
  ONE_OF_EACH,
  platform,
  queue,
  record,
  RETRY,
  schedule,
  SITE,
  stream,
  SUBSCRIPTION,
  table,
  TARGET,
  topic,
  wish,
} from './bindings.ts';

const OWN_QUEUE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/own/providers/Microsoft.Storage/storageAccounts/own/queueServices/default/queues/jobs`;

function kinds(steps: readonly Step[]): readonly string[] {
  return steps.map(({ id, kind }) => `${id} ${kind}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function allSteps(plan: BindingPlan): readonly Step[] {
  return [...plan.checks, ...plan.sources, ...plan.after, ...plan.retire];
}

/** The record once a plan is done. */
function after(plan: BindingPlan, bindings: readonly Binding[]): FunctionRecord {
  return record({ bindings, made: plan.kept });
}

function settled(...bindings: readonly Binding[]): FunctionRecord {
  return after(planEvents(wish(bindings)), bindings);
}

function planOf(steps: readonly Step[]) {
  return {
    specVersion: 1,
    provider: 'azure',
    operation: 'deploy',
    function: TARGET.ref,
    basedOn: '',
    steps,
    changes: [],
    warnings: [],
    result: {},
  } as const;
}

describe('plans of bindings', () => {
  it('are well-formed, and every step can be done', () => {
    const full = planEvents(wish(ONE_OF_EACH));
    const removal = planEventRemoval(wish([], { record: settled(...ONE_OF_EACH) }));
    const gone = planEvents(wish([], { record: settled(...ONE_OF_EACH) }));
    for (const steps of [allSteps(full), allSteps(gone), [...removal, planRemoveShared(TARGET)]]) {
      expect(() => dependenciesOf(planOf(steps))).not.toThrow();
      for (const { kind } of steps) expect(Object.keys(EVENT_EXECUTORS)).toContain(kind);
    }
    const phases = (steps: readonly Step[]) => [...new Set(steps.map(({ phase }) => phase))];
    expect(phases([...full.checks, ...full.sources])).toEqual(['prepare']);
    expect(phases(full.after)).toEqual(['bind']);
    expect(phases([...gone.retire, ...removal])).toEqual(['retire']);
  });

  it('touch nothing that is as wished, and only read its addresses', () => {
    const target = { ...TARGET, principalId: 'principal', clientId: 'client' };
    const result = planEvents(wish(ONE_OF_EACH, { record: settled(...ONE_OF_EACH), target }));
    expect(result.touched).toEqual([]);
    expect(kinds(allSteps(result))).toEqual(['event-addresses read-addresses']);
    expect(result.made).toEqual(result.kept);
    expect(result.warnings).toEqual([]);
  });

  it('come to the same settings and triggers, whatever was there before', () => {
    const first = planEvents(wish(ONE_OF_EACH));
    const again = planEvents(wish(ONE_OF_EACH, { record: settled(...ONE_OF_EACH) }));
    expect(again.settings).toEqual(first.settings);
    expect(again.settingsDigest).toBe(first.settingsDigest);
    expect(again.triggers).toEqual(first.triggers);
    const other = planEvents(
      wish([
        ...ONE_OF_EACH.slice(1),
        queue('q', { retry: { ...RETRY, maxAttempts: 9 }, deadLetter: 'orders-dead' }),
      ]),
    );
    expect(other.settingsDigest).not.toBe(first.settingsDigest);
    expect(other.triggers).toEqual(first.triggers);
  });

  it('make hosts once, then sources and dead letters, then allow them', () => {
    const { checks, sources } = planEvents(
      wish([queue('q', { deadLetter: 'dead' }), queue('r', { queue: 'others' })]),
    );
    expect(checks).toEqual([]);
    expect(kinds(sources)).toEqual([
      'host-storage ensure-host',
      'event-q-dead ensure-source',
      'event-q-source ensure-source',
      'event-q-roles allow-sources',
      'event-r-source ensure-source',
      'event-r-roles allow-sources',
      'event-addresses read-addresses',
    ]);
  });

  it('make the database of tables, and their leases', () => {
    expect(kinds(planEvents(wish([table('d')])).sources)).toEqual([
      'host-cosmos ensure-host',
      'host-database ensure-database',
      'event-d-source ensure-source',
      'event-d-own ensure-leases',
      'event-d-roles allow-sources',
      'event-addresses read-addresses',
    ]);
  });

  it('subscribe to objects and buses once the package is served', () => {
    const { sources, after: last } = planEvents(wish([bucket('o'), bus('b')]));
    expect(kinds(sources)).toEqual([
      'host-storage ensure-host',
      'event-o-source ensure-source',
      'event-o-own ensure-own-queue',
      'event-b-source ensure-source',
      'event-b-own ensure-own-queue',
      'event-addresses read-addresses',
    ]);
    expect(kinds(last)).toEqual([
      'event-o-topic ensure-system-topic',
      'event-o-bind put-event-subscription',
      'event-b-bind put-event-subscription',
    ]);
  });

  it('check what is not to be made, before anything is written', () => {
    const { checks, sources } = planEvents(
      wish([
        queue('q', { create: false }),
        topic('t', { create: false }),
        queue('n', { queue: OWN_QUEUE, create: false }),
      ]),
    );
    expect(kinds(checks)).toEqual([
      'event-q-check check-sources',
      'event-t-check check-sources',
      'event-n-check check-sources',
    ]);
    expect(sources.some(({ kind }) => kind === 'ensure-host' || kind === 'ensure-source')).toBe(
      false,
    );
  });

  it('change the subscription of a topic only when it was there', () => {
    expect(kinds(planEvents(wish([topic('t')])).after)).toEqual([]);
    const before = settled(topic('t'));
    const changed = planEvents(wish([topic('t', { filter: { a: ['1'] } })], { record: before }));
    expect(kinds(changed.after)).toEqual(['event-t-bind put-subscription']);
  });

  it('leave the source of a binding that goes, and take away what was its own', () => {
    const before = settled(...ONE_OF_EACH);
    const { retire, touched, kept, triggers } = planEvents(wish([], { record: before }));
    expect(retire.map(({ title }) => title.replace(/"[^"]*"/, '').trim())).toEqual([
      'Take away the roles on sources that are read no more',
      'Delete the event subscription',
      'Delete the event subscription',
      'Delete the subscription',
      'Delete the consumer group',
      'Delete the leases',
      'Delete the queue of events',
      'Delete the queue of events',
      'Delete the system topic, unless others use it',
    ]);
    expect(touched).toEqual(['b', 'c', 'd', 'h', 'o', 'q', 's', 't']);
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(
      new Set(['queue', 'topic', 'container', 'hub', 'table', 'bus']),
    );
    expect(triggers).toEqual([]);
  });

  it('keep a role that another binding still needs', () => {
    const [one, two] = [topic('a', { deadLetter: 'dead' }), queue('b', { deadLetter: 'dead' })];
    const { retire } = planEvents(wish([two], { record: settled(one, two) }));
    const roles = JSON.stringify(retire.find(({ kind }) => kind === 'disallow-sources')?.input);
    expect(roles).toContain('/subscriptions/shop-dev-orders');
    expect(roles).not.toContain('/queues/dead');
  });

  it('move the subscription of a binding that has another bucket', () => {
    const before = settled(bucket('o'));
    const other = `/subscriptions/${SUBSCRIPTION}/resourceGroups/own/providers/Microsoft.Storage/storageAccounts/own/blobServices/default/containers/c`;
    const {
      retire,
      after: last,
      touched,
    } = planEvents(wish([bucket('o', { bucket: other, create: false })], { record: before }));
    expect(touched).toEqual(['o']);
    expect(kinds(last)).toEqual([
      'event-o-topic ensure-system-topic',
      'event-o-bind put-event-subscription',
    ]);
    expect(retire.map(({ title }) => title.split('"')[0]?.trim())).toEqual([
      'Delete the event subscription',
      'Delete the system topic, unless others use it',
    ]);
  });

  it('bind anew what the options moved elsewhere', () => {
    const before = settled(queue('q'));
    const options = { storageAccountForEvents: 'shopdata' };
    const { touched, checks } = planEvents(
      wish([queue('q')], { record: before, platform: platform(options) }),
    );
    expect(touched).toEqual(['q']);
    expect(kinds(checks)).toEqual(['event-q-check check-sources']);
  });

  it('do again what was left half done', () => {
    const known = queue('q');
    const before = { ...settled(known), pending: ['q', 'lost'] };
    const { touched, sources } = planEvents(wish([known], { record: before }));
    expect(touched).toEqual(['lost', 'q']);
    expect(kinds(sources)).toContain('event-q-source ensure-source');
  });

  it('do not subscribe what is disabled, and keep queues and streams in place', () => {
    const off = { enabled: false };
    const {
      triggers,
      after: last,
      made,
    } = planEvents(
      wish([
        topic('t', off),
        bucket('o', off),
        bus('b', off),
        queue('q', off),
        stream('s', off),
        http('h', off),
        schedule('c', off),
      ]),
    );
    expect(triggers).toEqual([]);
    expect(last).toEqual([]);
    const bound = made.map(({ kind }) => kind);
    expect(bound).toContain('consumerGroup');
    expect(bound).not.toContain('subscription');
    expect(bound).not.toContain('eventSubscription');
  });

  it('give no roles to an identity of the user, and say which it needs', () => {
    const target = {
      ...TARGET,
      identityId: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`,
    };
    const { sources, made, warnings } = planEvents(wish([queue('q')], { target }));
    expect(sources.some(({ kind }) => kind === 'allow-sources')).toBe(false);
    expect(made.some(({ kind }) => kind === 'role')).toBe(false);
    expect(warnings[0]?.message).toContain('"Storage Queue Data Contributor" on /subscriptions/');
  });

  it('tell what a host costs that is to be made, once', () => {
    const texts = (bindings: readonly Binding[], before = record()) =>
      planEvents(wish(bindings, { record: before })).warnings.map(({ message }) => message);
    expect(texts([topic('t')])[0]).toMatch(/Service Bus namespace.*10 USD/);
    expect(texts([stream('s')])[0]).toMatch(/Event Hubs namespace.*22 USD/);
    expect(texts([table('d')])[0]).toMatch(/Cosmos DB/);
    expect(texts([queue('q')])).toEqual([]);
    expect(texts([topic('t'), topic('u')], settled(topic('t')))).toEqual([]);
  });

  it.each<[readonly Binding[], RegExp]>([
    [[queue('a'), queue('b')], /events\.b: the queue is the one of "a"/],
    [[table('a'), table('b')], /events\.b: the table is the one of "a"/],
    [[queue('a-b'), topic('A_B')], /differ only in case/],
    [[stream('a'), stream('b', { stream: 'other', from: 'oldest' })], /events\.b\.from: "oldest"/],
    [
      [http('a', { path: '/x/{id}' }), http('b', { path: '/x/{name}', methods: ['ANY'] })],
      /same requests/,
    ],
  ])('are refused where two get into each other’s way', (bindings, why) => {
    expect(() => planEvents(wish(bindings))).toThrow(why);
  });

  it('allow two subscriptions of one topic, and two buses', () => {
    expect(() => planEvents(wish([topic('a'), topic('b'), bus('c'), bus('d')]))).not.toThrow();
  });
});

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
    const retry = (change: object) => {
      const { triggers } = planEvents(wish([stream('s', { retry: { ...RETRY, ...change } })]));
      return triggers[0]?.options['retry'];
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
      Object.fromEntries(
        Object.entries(planEvents(wish(bindings, { timeoutSeconds })).settings)
          .filter(([name]) => name.startsWith('AzureFunctionsJobHost__extensions__'))
          .map(([name, value]) => [
            name.slice('AzureFunctionsJobHost__extensions__'.length),
            value,
          ]),
      );
    expect(host([])).toEqual({
      queues__maxDequeueCount: '101',
      queues__messageEncoding: 'base64',
      queues__visibilityTimeout: '00:00:30',
      queues__batchSize: '16',
      queues__newBatchThreshold: '8',
    });
    expect(host([queue('a', { batchSize: 100 })])).toMatchObject({ queues__batchSize: '32' });
    expect(host([queue('a', { batchSize: 1 })])).toMatchObject({
      queues__batchSize: '1',
      queues__newBatchThreshold: '0',
    });
    expect(host([topic('t')], 3600)).toMatchObject({
      serviceBus__maxAutoLockRenewalDuration: '01:00:30',
    });
    const streams = [
      stream('a', { batchSize: 10, batchWindowSeconds: 2, from: 'oldest' }),
      stream('b', { stream: 'other', batchSize: 7, batchWindowSeconds: 5, from: 'oldest' }),
    ];
    expect(host(streams)).toMatchObject({
      eventHubs__maxEventBatchSize: '10',
      eventHubs__minEventBatchSize: '7',
      eventHubs__maxWaitTime: '00:00:05',
      eventHubs__initialOffsetOptions__type: 'fromStart',
    });
    expect(host([stream('a')])).toMatchObject({
      eventHubs__initialOffsetOptions__type: 'fromEnqueuedTime',
      eventHubs__initialOffsetOptions__enqueuedTimeUtc: { $from: expect.any(String) },
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
