import { describe, expect, it } from 'vitest';
import type { Binding, Step } from 'polyfaas/spi';
import { dependenciesOf } from '../../../src/engine/step-order.ts';
import { EVENT_EXECUTORS } from '../../../providers/azure/events/execute.ts';
import { planEventRemoval, planEvents } from '../../../providers/azure/events/plan.ts';
import { planRemoveShared } from '../../../providers/azure/events/shared.ts';
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
  stream,
  SUBSCRIPTION,
  table,
  TARGET,
  topic,
  wish,
} from './bindings.ts';

import { OWN_QUEUE, kinds, allSteps, settled, planOf } from './plan-support.ts';

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
