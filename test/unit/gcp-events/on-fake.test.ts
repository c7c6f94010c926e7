import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bucket, bus, ONE_OF_EACH, PROJECT, queue, schedule, table, topic } from './bindings.ts';
import { ASYNC, EventWorld } from './world.ts';

let world: EventWorld;

beforeEach(async () => {
  world = await EventWorld.start();
});

afterEach(async () => {
  await world.stop();
});

describe('bindings on Google Cloud', () => {
  it('leave nothing behind once their function is removed', async () => {
    const before = world.sources();
    const one = await world.function('one');
    await one.bind(ONE_OF_EACH, ASYNC);
    expect(world.sources().length).toBeGreaterThan(15);
    await one.remove();
    expect(world.sources()).toEqual(before);
    const policy = await world.call(
      'cloudresourcemanager',
      'POST',
      `/v3/projects/${PROJECT}:getIamPolicy`,
      {},
    );
    expect(JSON.stringify(policy)).not.toContain(one.target.serviceAccount);
  });

  it('are done again without harm, wherever it was broken off', async () => {
    const one = await world.function('one');
    await one.bind(ONE_OF_EACH, ASYNC);
    const once = world.sources();
    one.record = { ...one.record, pending: ONE_OF_EACH.map(({ id }) => id) };
    const { writes } = world.faults;
    await one.bind(ONE_OF_EACH, ASYNC);
    expect(world.sources()).toEqual(once);
    expect(world.faults.writes).toBe(writes);
  });

  it('take with them what was their own, and leave their sources', async () => {
    const one = await world.function('one');
    await one.bind(ONE_OF_EACH);
    await one.bind([]);
    expect(world.sources()).toMatchInlineSnapshot(`
      [
        "bucket pictures",
        "subscription orders-dead",
        "subscription users-dead",
        "topic orders",
        "topic orders-dead",
        "topic polyfaas-shop-dev-one-dropped",
        "topic shop",
        "topic users",
        "topic users-dead",
      ]
    `);
  });

  it('grant their function what it needs, and take it back', async () => {
    const one = await world.function('one');
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/topics/letters`, {});
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/subscriptions/letters`, {
      topic: `projects/${PROJECT}/topics/letters`,
    });
    const policy = (): Promise<object> =>
      world.call('pubsub', 'GET', `/v1/projects/${PROJECT}/topics/letters:getIamPolicy`);
    const bindings = [
      topic('t', { create: false, deadLetter: 'letters' }),
      topic('u', { create: false, deadLetter: 'letters' }),
    ];
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/topics/users`, {});
    await one.bind(bindings);
    expect(JSON.stringify(await policy())).toContain(one.target.serviceAccount);
    await one.bind(bindings.slice(1));
    expect(JSON.stringify(await policy())).toContain(one.target.serviceAccount);
    await one.remove();
    expect(JSON.stringify(await policy())).not.toContain(one.target.serviceAccount);
    // What others made stays.
    expect(world.sources()).toEqual(['subscription letters', 'topic letters', 'topic users']);
  });

  it('wait for a service account that is not known everywhere yet', async () => {
    const one = await world.function('one');
    const account = { accountId: 'sa-late-abcdefgh', serviceAccount: { displayName: 'late' } };
    await world.call('iam', 'POST', `/v1/projects/${PROJECT}/serviceAccounts`, account);
    const late = `sa-late-abcdefgh@${PROJECT}.iam.gserviceaccount.com`;
    const target = { ...one.target, serviceAccount: late };
    const { EventFunction } = await import('./world.ts');
    const two = new EventFunction(world, target);
    await two.bind([table('d'), schedule('c')], ASYNC);
    expect(world.sources().filter((line) => line.includes('eventarc'))).not.toEqual([]);
  });
});

describe('a binding that is changed', () => {
  const subscriptions = (): readonly string[] =>
    world.sources().filter((line) => line.startsWith('subscription polyfaas'));

  it('keeps its subscription where that can be changed', async () => {
    const one = await world.function('one');
    await one.bind([queue('q')]);
    const before = subscriptions();
    await one.bind([
      queue('q', {
        retry: {
          maxAttempts: 9,
          backoff: 'fixed',
          delaySeconds: 7,
          maxDelaySeconds: 900,
          jitter: false,
        },
      }),
    ]);
    expect(subscriptions()).toEqual(before);
    const name = before[0]?.split(' ')[1] ?? '';
    const found = await world.call(
      'pubsub',
      'GET',
      `/v1/projects/${PROJECT}/subscriptions/${name}`,
    );
    expect(found).toMatchObject({
      retryPolicy: { minimumBackoff: '7s', maximumBackoff: '7s' },
      deadLetterPolicy: { maxDeliveryAttempts: 100 },
      expirationPolicy: {},
      enableMessageOrdering: true,
    });
  });

  it('gets another one where it cannot, and never has two', async () => {
    const one = await world.function('one');
    await one.bind([topic('t', { filter: { tenant: ['blue'] } })]);
    const before = subscriptions();
    await one.bind([topic('t', { filter: { tenant: ['green'] } })]);
    expect(subscriptions()).toHaveLength(1);
    expect(subscriptions()).not.toEqual(before);
  });

  it('keeps the messages of a queue while it is disabled, and under another id', async () => {
    const one = await world.function('one');
    await one.bind([queue('q', { enabled: false })]);
    await world.pass(20_000);
    world.fake.pubsub.publish(`projects/${PROJECT}/topics/orders`, [{ data: Buffer.from('1') }]);
    await world.pass(10_000);
    expect(world.got).toEqual([]);
    await one.bind([queue('other')]);
    await world.pass(20_000);
    expect(world.got.map(({ path }) => path.split('?')[0])).toEqual(['/polyfaas/events/other']);
    expect(subscriptions()).toHaveLength(1);
  });

  it('changes its notification, and leaves no twin', async () => {
    const one = await world.function('one');
    await one.bind([bucket('o')]);
    await one.bind([bucket('o', { prefix: 'in/', on: ['created', 'deleted'] })]);
    const path = '/storage/v1/b/pictures/notificationConfigs';
    const { items } = await world.call('storage', 'GET', path);
    expect(items).toHaveLength(1);
    expect(items).toMatchObject([
      { object_name_prefix: 'in/', event_types: ['OBJECT_DELETE', 'OBJECT_FINALIZE'] },
    ]);
  });

  it('has its trigger where its database is, and takes it away there', async () => {
    world.firestore.databases.set('far', { locationId: 'eur3', type: 'FIRESTORE_NATIVE' });
    const one = await world.function('one');
    const far = `projects/${PROJECT}/databases/far/documents/stock`;
    await one.bind([table('d', { table: far }), table('e')]);
    const triggers = (): readonly string[] =>
      world.sources().filter((line) => line.startsWith('eventarc trigger'));
    expect(triggers()).toHaveLength(2);
    const list = `/v1/projects/${PROJECT}/locations/eur3/triggers`;
    expect(await world.call('eventarc', 'GET', list)).toMatchObject({
      triggers: [{ destination: { cloudRun: { path: '/polyfaas/relay/d' } } }],
    });
    await one.bind([table('e')]);
    expect(triggers()).toHaveLength(1);
    await one.remove();
    expect(world.sources()).toEqual([]);
  });

  it('pauses and resumes its job, and changes it', async () => {
    const one = await world.function('one');
    const job = async () => {
      const place = `projects/${PROJECT}/locations/europe-west1`;
      const { jobs } = await world.call('scheduler', 'GET', `/v1/${place}/jobs`);
      return jobs;
    };
    await one.bind([schedule('c', { enabled: false })]);
    expect(await job()).toMatchObject([{ state: 'PAUSED', schedule: '*/5 * * * *' }]);
    const daily = { when: { cron: '30 9 * * MON-FRI' }, timezone: 'Europe/Berlin' };
    await one.bind([schedule('c', daily)]);
    expect(await job()).toMatchObject([
      {
        state: 'ENABLED',
        schedule: '30 9 * * 1-5',
        timeZone: 'Europe/Berlin',
        attemptDeadline: '30s',
      },
    ]);
    await one.bind([]);
    expect(await job()).toBeUndefined();
  });

  it('signs as another service account once everything is put right', async () => {
    const one = await world.function('one');
    await one.bind([queue('q'), schedule('c')]);
    const other = await world.function('other');
    const { serviceAccount } = other.target;
    const target = { ...one.target, serviceAccount };
    const plan = one.wish([queue('q'), schedule('c')], { target, repairsAll: true });
    const { planBindings } = await import('../../../providers/gcp/events/plan.ts');
    const { sources, after } = planBindings(plan);
    await world.run([...sources, ...after]);
    await world.pass(20_000);
    world.fake.pubsub.publish(`projects/${PROJECT}/topics/orders`, [{ data: Buffer.from('1') }]);
    await world.pass(300_000);
    expect(world.got.length).toBeGreaterThan(1);
    expect(new Set(world.got.map(({ claims }) => claims?.email))).toEqual(
      new Set([serviceAccount]),
    );
  });
});

describe('deliveries', () => {
  it('come signed as the service account, for the service, with the digest of the policy', async () => {
    const one = await world.function('one');
    const bindings = ONE_OF_EACH.filter(({ event }) => event.type !== 'schedule');
    await one.bind(bindings, ASYNC);
    await world.pass(30_000);
    const say = (id: string, attributes: Readonly<Record<string, string>> = {}): void => {
      const name = `projects/${PROJECT}/topics/${id}`;
      world.fake.pubsub.publish(name, [{ data: Buffer.from(id), attributes }]);
    };
    say('orders');
    say('users', { tenant: 'blue' });
    say('users', { tenant: 'red' });
    say('shop', { 'ce-type': 'Paid', 'ce-source': 'a' });
    say('shop', { 'ce-type': 'Sent', 'ce-source': 'a' });
    say('polyfaas-shop-dev-one-async');
    world.fake.storage.put('pictures', 'in/a.png', Buffer.from('x'));
    world.fake.storage.put('pictures', 'out/a.png', Buffer.from('x'));
    world.fake.firestore.set('(default)', 'stock/a', { count: 1 });
    world.fake.firestore.set('(default)', 'other/a', { count: 1 });
    await world.pass(10_000);
    const paths = world.got.map(({ path }) => path.replace(/=.*/, '')).toSorted();
    expect(paths).toEqual([
      '/polyfaas/async',
      '/polyfaas/events/b?policy',
      '/polyfaas/events/o?policy',
      '/polyfaas/events/q?policy',
      '/polyfaas/events/t?policy',
      '/polyfaas/relay/d',
    ]);
    const digests = new Map(
      one.plan(bindings).policies.map(({ binding, digest }) => [binding.id, digest]),
    );
    for (const { path, claims, service } of world.got) {
      expect(claims).toEqual({ email: one.target.serviceAccount, aud: one.target.url });
      expect(service).toBe('shop-dev-one');
      const [, id = '', digest] = /events\/(\w+)\?policy=(\w+)/.exec(path) ?? [];
      if (digest !== undefined) expect(digest).toBe(digests.get(id));
    }
  });

  it('of a schedule hold its input', async () => {
    const one = await world.function('one');
    await one.bind([schedule('c', { input: { job: 'nightly' } })]);
    await world.pass(301_000);
    expect(world.got.map(({ body }) => body)).toEqual([
      '{"bindingId":"c","input":{"job":"nightly"}}',
    ]);
  });

  it('that never succeed end in the dead-letter queue', async () => {
    const one = await world.function('one');
    const retry = {
      maxAttempts: 1,
      backoff: 'fixed',
      delaySeconds: 0,
      maxDelaySeconds: 0,
      jitter: false,
    } as const;
    await one.bind([queue('q', { deadLetter: 'dead', retry }), bus('b', { retry })]);
    await world.pass(20_000);
    world.answers.push(...Array.from({ length: 200 }, () => 500));
    for (const id of ['orders', 'shop']) {
      world.fake.pubsub.publish(`projects/${PROJECT}/topics/${id}`, [{ data: Buffer.from(id) }]);
    }
    await world.pass(300_000);
    const kept = world.fake.pubsub.peek(`projects/${PROJECT}/subscriptions/dead`);
    expect(kept.map(({ data }) => data.toString())).toEqual(['orders']);
    expect(world.got).toHaveLength(200);
  });
});
