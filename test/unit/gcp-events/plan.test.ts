import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../../providers/gcp/clients/json.ts';
import { planBindings, planEventRemoval } from '../../../providers/gcp/events/plan.ts';
import { backoffOf } from '../../../providers/gcp/events/retry.ts';
import {
  allSteps,
  bucket,
  bus,
  http,
  inputAt,
  kinds,
  ONE_OF_EACH,
  platform,
  queue,
  RETRY,
  schedule,
  settled,
  settledBy,
  stream,
  table,
  TARGET,
  targetOf,
  topic,
  wish,
} from './bindings.ts';

describe('a plan of bindings', () => {
  it('makes sources first, then what delivers, and takes nothing away', () => {
    const plan = planBindings(wish(ONE_OF_EACH));
    expect(kinds(plan.checks)).toMatchInlineSnapshot(`
      [
        "event-q-check check-sources",
        "event-o-check check-sources",
        "event-d-check check-sources",
      ]
    `);
    expect(kinds(plan.sources)).toMatchInlineSnapshot(`
      [
        "events-net ensure-topic",
        "events-agent ensure-grants",
        "event-q-source ensure-topic",
        "event-q-letters ensure-dead-letters",
        "event-q-grants ensure-grants",
        "event-t-source ensure-topic",
        "event-t-letters ensure-dead-letters",
        "event-t-grants ensure-grants",
        "event-o-source ensure-bucket",
        "event-o-own ensure-topic",
        "event-d-own ensure-topic",
        "event-d-grants ensure-grants",
        "event-b-source ensure-topic",
      ]
    `);
    expect(kinds(plan.after)).toMatchInlineSnapshot(`
      [
        "event-q-bind put-subscription",
        "event-t-bind put-subscription",
        "event-o-bind put-subscription",
        "event-o-notify put-notification",
        "event-d-bind put-subscription",
        "event-d-trigger put-trigger",
        "event-b-bind put-subscription",
        "event-c-bind put-job",
      ]
    `);
    expect(plan.retire).toEqual([]);
    expect(plan.touched).toEqual(['b', 'c', 'd', 'h', 'o', 'q', 't']);
    expect(plan.made).toEqual(plan.kept);
    expect(plan.hasHttp).toBe(true);
    expect(plan.warnings).toEqual([]);
  });

  it('is JSON, and pure', () => {
    const plan = planBindings(wish(ONE_OF_EACH));
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(planBindings(wish(ONE_OF_EACH))).toEqual(plan);
    const ids = allSteps(plan).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('asks for the URL of the service only after it is known', () => {
    const plan = planBindings(wish(ONE_OF_EACH));
    expect(JSON.stringify([...plan.checks, ...plan.sources, ...plan.retire])).not.toContain(
      '$from',
    );
    expect(JSON.stringify(plan.after)).toContain('{"$from":"build.url"}');
  });

  it('has no steps for bindings that are as wished', () => {
    const again = planBindings(wish(ONE_OF_EACH, { record: settled(...ONE_OF_EACH) }));
    expect(allSteps(again)).toEqual([]);
    expect(again.touched).toEqual([]);
    expect(again.policies).toEqual(planBindings(wish(ONE_OF_EACH)).policies);
    expect(again.kept).toEqual(settled(...ONE_OF_EACH).made);
  });

  it('does again what was left half done, and everything when it puts all right', () => {
    const record = { ...settled(...ONE_OF_EACH), pending: ['t', 'lost'] };
    const plan = planBindings(wish(ONE_OF_EACH, { record }));
    expect(plan.touched).toEqual(['lost', 't']);
    expect(kinds(plan.after)).toEqual(['event-t-bind put-subscription']);
    // What is about to be made is noted before it is there.
    expect(plan.sources[0]?.id).toBe('events-net');
    const all = planBindings(
      wish(ONE_OF_EACH, { record: settled(...ONE_OF_EACH), repairsAll: true }),
    );
    expect(all.touched).toHaveLength(ONE_OF_EACH.length);
    expect(all.sources[0]?.id).toBe('events-net');
  });

  it('brings deadlines into line with another timeout, and only those', () => {
    const record = settled(...ONE_OF_EACH);
    const touched = (timeoutSeconds: number): readonly string[] =>
      planBindings(wish(ONE_OF_EACH, { record, timeoutSeconds })).touched;
    expect(touched(30)).toEqual([]);
    expect(touched(300)).toEqual(['b', 'c', 'd', 'o', 'q', 't']);
    const short = settledBy(planBindings(wish(ONE_OF_EACH)), ONE_OF_EACH, 5);
    const plan = planBindings(wish(ONE_OF_EACH, { record: short, timeoutSeconds: 10 }));
    expect(plan.touched).toEqual([]);
  });

  it('makes another subscription before the old one goes when its filter changes', () => {
    const before = topic('t', { filter: { tenant: ['blue'] } });
    const after = topic('t', { filter: { tenant: ['green'] } });
    const plan = planBindings(wish([after], { record: settled(before) }));
    const made = inputAt(plan.after[0], 'subscription', 'name');
    const gone = inputAt(plan.retire[0], 'made', 'id');
    expect(made).toMatch(
      /^projects\/polyfaas-fake\/subscriptions\/polyfaas-shop-dev-orders-t-[0-9a-f]{8}$/,
    );
    expect(gone).toMatch(/subscriptions\/polyfaas-shop-dev-orders-t-/);
    expect(gone).not.toBe(made);
    expect(plan.made.filter(({ kind }) => kind === 'subscription')).toHaveLength(2);
    expect(plan.kept.filter(({ kind }) => kind === 'subscription')).toHaveLength(1);
  });

  it('keeps the subscription of a queue that is only called otherwise', () => {
    const plan = planBindings(wish([queue('renamed')], { record: settled(queue('q')) }));
    expect(inputAt(plan.after[0], 'subscription', 'name')).toMatch(/-orders-q-[0-9a-f]{8}$/);
    expect(inputAt(plan.after[0], 'subscription', 'push', 'path')).toMatch(
      /^\/polyfaas\/events\/renamed\?policy=[0-9a-f]{12}$/,
    );
    expect(plan.retire).toEqual([]);
    expect(plan.touched).toEqual(['q', 'renamed']);
    const next = settledBy(plan, [queue('renamed')]);
    expect(allSteps(planBindings(wish([queue('renamed')], { record: next })))).toEqual([]);
  });

  it('takes away what belonged to a binding alone, and no source', () => {
    const plan = planBindings(wish([], { record: settled(...ONE_OF_EACH) }));
    expect(plan.retire.map(({ title }) => title.replace(/-[0-9a-f]{8}/, '-#')))
      .toMatchInlineSnapshot(`
      [
        "Delete the trigger "polyfaas-shop-dev-orders-d-#"",
        "Delete the notification to the topic "polyfaas-shop-dev-orders-o-#"",
        "Delete the job "polyfaas-shop-dev-orders-c-#"",
        "Delete the subscription "polyfaas-shop-dev-orders-b-#"",
        "Delete the subscription "polyfaas-shop-dev-orders-d-#"",
        "Delete the subscription "polyfaas-shop-dev-orders-o-#"",
        "Delete the subscription "polyfaas-shop-dev-orders-q-#"",
        "Delete the subscription "polyfaas-shop-dev-orders-t-#"",
        "Delete the topic "polyfaas-shop-dev-orders-d-#"",
        "Delete the topic "polyfaas-shop-dev-orders-o-#"",
        "Take back what the function needs no more",
      ]
    `);
    expect(plan.kept.map(({ kind }) => kind).toSorted()).toEqual([
      'bucket',
      'deadLetter',
      'deadLetter',
      'ownTopic',
      'topic',
      'topic',
      'topic',
    ]);
  });

  it('lets a grant stay that another binding, or a destination, needs', () => {
    const two = [topic('t', { deadLetter: 'dead' }), topic('u', { deadLetter: 'dead' })];
    const record = settled(...two);
    const grantOf = (made: typeof record.made) => made.filter(({ kind }) => kind === 'grant');
    expect(grantOf(record.made)).toHaveLength(1);
    const one = planBindings(wish(two.slice(1), { record }));
    expect(kinds(one.retire)).toEqual(['events-retire-0 delete-bound']);
    const destinations = grantOf(record.made).map(
      ({ id }) => ({ kind: 'destination', id }) as const,
    );
    const none = planBindings(
      wish([], { record: { ...record, made: [...record.made, ...destinations] } }),
    );
    expect(none.retire.map(({ kind }) => kind)).not.toContain('revoke-grants');
    expect(none.kept).toContainEqual(destinations[0]);
  });

  it('tells apart functions and bindings whose names come together alike', () => {
    const nameOf = (name: string, id: string): unknown => {
      const { after } = planBindings(wish([topic(id)], { target: targetOf(name) }));
      return inputAt(after[0], 'subscription', 'name');
    };
    expect(nameOf('a-b', 'c')).not.toBe(nameOf('a', 'b-c'));
  });

  it('keeps within the limits of names, however long those of functions and bindings are', () => {
    const target = targetOf('f', { physicalName: 'f'.repeat(49) });
    const id = `B${'_'.repeat(62)}9`;
    const bindings = [table(id), bucket(`x${id.slice(1)}`), schedule(`y${id.slice(1)}`)];
    const { made } = planBindings(wish(bindings, { target }));
    for (const { kind, id: full } of made) {
      const name = full.split('#')[0]?.split('/').at(-1) ?? '';
      if (kind === 'trigger') expect(name).toMatch(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
      else expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_.-]{2,254}$/);
    }
  });
});

describe('policies', () => {
  it('hold all bindings, with a digest that changes with what they say', () => {
    const [before] = planBindings(wish([queue('q', { deadLetter: 'dead' })])).policies;
    expect(before).toMatchObject({
      source: 'orders',
      deadLetter: { topic: 'projects/polyfaas-fake/topics/dead' },
      relay: null,
    });
    const retry = { ...RETRY, maxAttempts: 7 };
    const [after] = planBindings(wish([queue('q', { deadLetter: 'dead', retry })])).policies;
    expect(after?.digest).not.toBe(before?.digest);
    const api = { ...queue('q', { deadLetter: 'dead' }), origin: 'api' as const };
    expect(planBindings(wish([api])).policies[0]?.digest).toBe(before?.digest);
  });

  it('name the topic that changes of a table are put into', () => {
    const plan = planBindings(wish([table('d')]));
    const own = plan.made.find(({ kind, id }) => kind === 'ownTopic' && id.includes('-d-'))?.id;
    expect(plan.policies[0]).toMatchObject({ source: 'stock', relay: { topic: own } });
    expect(inputAt(plan.after[0], 'subscription', 'topic')).toBe(own);
  });

  it('call sources by their plain names', () => {
    const full = { queue: 'projects/other/topics/orders', create: false };
    const plan = planBindings(wish([queue('q', full)]));
    expect(plan.policies[0]?.source).toBe('orders');
    expect(inputAt(plan.after[0], 'subscription', 'topic')).toBe(full.queue);
    expect(plan.made.filter(({ kind }) => kind === 'topic')).toEqual([]);
  });
});

describe('retries on Pub/Sub', () => {
  it.each([
    [RETRY, 1, 600],
    [{ ...RETRY, maxDelaySeconds: 60 }, 1, 60],
    [{ ...RETRY, backoff: 'fixed', delaySeconds: 30 }, 30, 30],
    [{ ...RETRY, backoff: 'linear', delaySeconds: 20, maxAttempts: 5 }, 20, 80],
    [{ ...RETRY, backoff: 'linear', delaySeconds: 20, maxAttempts: 1 }, 20, 20],
    [{ ...RETRY, delaySeconds: 0, maxDelaySeconds: 0 }, 0, 0],
  ] as const)('%o wait from %i to %i s', (retry, minimumSeconds, maximumSeconds) => {
    expect(backoffOf(retry)).toEqual({ minimumSeconds, maximumSeconds });
  });
});

describe('bindings that do not work beside each other', () => {
  it.each([
    [[queue('a'), queue('b')], /events\.b: the queue is the one of "a"/],
    [
      [queue('a'), queue('b', { queue: 'projects/polyfaas-fake/topics/orders', create: false })],
      /events\.b: the queue is the one of "a"/,
    ],
    [
      [topic('t', { deadLetter: 'projects/polyfaas-fake/topics/users' })],
      /events\.t\.deadLetter: "users" is the topic itself/,
    ],
    [
      [http('a', { path: '/a/{id}' }), http('b', { path: '/a/{name}' })],
      /events\.b: .*same requests as the route of "a"/,
    ],
    [
      [table('d', { table: 'projects/other/databases/(default)/documents/x' })],
      /events\.d\.table: .*project "other"/,
    ],
  ])('are refused: %o', (bindings, says) => {
    expect(() => planBindings(wish(bindings))).toThrow(says);
  });

  it('are none where each gets every message', () => {
    const bindings = [
      topic('a'),
      topic('b'),
      queue('q', { queue: 'users' }),
      table('c'),
      table('d'),
    ];
    expect(() => planBindings(wish(bindings))).not.toThrow();
    expect(() => planBindings(wish([bus('a'), bus('b'), bucket('c'), bucket('d')]))).not.toThrow();
  });

  it('are streams, beside anything', () => {
    expect(() => planBindings(wish([stream('s')]))).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it('are schedules that cannot be kept', () => {
    const binding = schedule('c', { when: { everySeconds: 90 } });
    expect(() => planBindings(wish([binding]))).toThrow(/events\.c: .*"2 minutes"/);
  });
});

describe('a plan of a removal', () => {
  it('takes away what delivers, then sources with their dead letters last, then grants', () => {
    const record = settled(...ONE_OF_EACH);
    const steps = planEventRemoval({ target: TARGET, platform: platform(), record });
    const order = steps.map(({ kind }) => kind);
    expect(order.indexOf('delete-sources')).toBeGreaterThan(order.lastIndexOf('delete-bound'));
    expect(order.at(-1)).toBe('revoke-grants');
    const [all] = steps.filter(({ kind }) => kind === 'delete-sources');
    const sources = all === undefined ? [] : listAt(all.input, 'sources');
    expect(sources.slice(-2).map((one) => textAt(one, 'kind'))).toEqual([
      'deadLetter',
      'deadLetter',
    ]);
    const ids = steps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('looks for what a first deploy left that never wrote what it made', () => {
    const record = { ...settled(), made: [] };
    const steps = planEventRemoval({ target: TARGET, platform: platform(), record });
    expect(steps.map((step) => inputAt(step, 'made', 'id'))).toEqual([
      'projects/polyfaas-fake/subscriptions/polyfaas-shop-dev-orders-async',
      'projects/polyfaas-fake/topics/polyfaas-shop-dev-orders-async',
      'projects/polyfaas-fake/topics/polyfaas-shop-dev-orders-dropped',
    ]);
  });
});
