import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from 'polyfaas/spi';
import { planBindings } from '../../../providers/gcp/events/plan.ts';
import { bucket, bus, platform, PROJECT, queue, table, topic } from './bindings.ts';
import { ASYNC, EventWorld } from './world.ts';

let world: EventWorld;

beforeAll(async () => {
  world = await EventWorld.start();
});

afterAll(async () => {
  await world.stop();
});

describe('what is missing', () => {
  it('is refused before anything is written, with the command that makes it', async () => {
    const one = await world.function('one');
    const { writes } = world.faults;
    const wanted = [
      [queue('q', { create: false }), /gcloud pubsub topics create projects\/.+\/topics\/orders/],
      [topic('t', { create: false }), /gcloud pubsub topics create/],
      [bus('b', { create: false }), /gcloud pubsub topics create/],
      [bucket('o', { create: false }), /gcloud storage buckets create gs:\/\/pictures/],
    ] as const;
    for (const [binding, command] of wanted) {
      const { checks } = planBindings(one.wish([binding]));
      const refused = world.run(checks);
      await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(refused).rejects.toThrow(
        new RegExp(`^events\\.${binding.id}\\.\\w+: there is no .*create: true`),
      );
      await expect(refused).rejects.toThrow(command);
    }
    expect(world.faults.writes).toBe(writes);
  });

  it('may be made by another event of the same plan', async () => {
    const one = await world.function('maker');
    const bindings = [
      queue('q', { queue: 'made-here' }),
      topic('t', { topic: 'made-too', create: true, deadLetter: 'made-here' }),
      topic('u', { topic: 'made-too', create: false, deadLetter: 'made-here' }),
    ];
    const onFailure = { type: 'queue', name: 'made-here' } as const;
    await one.bind(bindings, { ...ASYNC, onFailure });
    expect(world.sources().join('\n')).toMatch(/topic made-here[\s\S]*topic made-too/);
    await one.remove();
  });

  it('of a dead-letter queue may be what keeps its letters', async () => {
    const one = await world.function('letters');
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/topics/loses`, {});
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/topics/source`, {});
    const binding = topic('t', { topic: 'source', create: false, deadLetter: 'loses' });
    await expect(world.run(planBindings(one.wish([binding])).checks)).rejects.toThrow(
      /events\.t\.deadLetter: .* has no subscription.*\ngcloud pubsub subscriptions create loses/,
    );
  });

  it('of the destinations of asynchronous invocations is named', async () => {
    const one = await world.function('sender');
    const onSuccess = { type: 'topic', name: 'nowhere' } as const;
    await expect(one.bind([], { ...ASYNC, onSuccess })).rejects.toThrow(
      /^async\.onSuccess\.name: there is no topic .*nowhere/,
    );
  });

  it('of Firestore is a database, or one in Native mode', async () => {
    const one = await world.function('rows');
    const check = (firestoreDatabase: string) =>
      world.run(
        planBindings(one.wish([table('d')], { platform: platform({ firestoreDatabase }) })).checks,
      );
    await expect(check('nowhere')).rejects.toThrow(
      /events\.d\.table: there is no Firestore database "nowhere"[\s\S]*gcloud firestore databases create/,
    );
    world.firestore.databases.set('older', { locationId: 'eur3', type: 'DATASTORE_MODE' });
    await expect(check('older')).rejects.toThrow(/events\.d\.table: .*DATASTORE_MODE.*Native mode/);
    await expect(check('(default)')).resolves.toBeDefined();
  });
});

describe('what is taken', () => {
  it('is a bucket of somebody else', async () => {
    const one = await world.function('buckets');
    world.storage.taken.add('others-bucket');
    const binding = bucket('o', { bucket: 'others-bucket' });
    await expect(one.bind([binding])).rejects.toThrow(
      /events\.o\.bucket: the bucket "others-bucket" .*somebody else's/,
    );
  });

  it('is a queue that another function reads', async () => {
    const first = await world.function('first');
    await first.bind([queue('q', { queue: 'one-reader' })]);
    const second = await world.function('second');
    const refused = second.bind([queue('q', { queue: 'one-reader' })]);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(refused).rejects.toThrow(/events\.q\.queue: .*read by function "first"/);
    // Every function gets the messages of a topic.
    await second.bind([topic('t', { topic: 'one-reader' })]);
    await second.remove();
    await first.remove();
  });

  it('is a subscription, a topic or a job of somebody else', async () => {
    const one = await world.function('stranger');
    const plan = one.plan([queue('q', { queue: 'strange' }), bucket('o', { bucket: 'strange-b' })]);
    const own = plan.made.find(({ kind, id }) => kind === 'ownTopic' && id.includes('-o-'))?.id;
    await world.call('pubsub', 'PUT', `/v1/${own}`, {});
    await expect(one.bind([bucket('o', { bucket: 'strange-b' })])).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    const name = plan.made.find(
      ({ kind, id }) => kind === 'subscription' && id.includes('-q-'),
    )?.id;
    await world.call('pubsub', 'PUT', `/v1/${name}`, { topic: own ?? '' });
    await expect(one.bind([queue('q', { queue: 'strange' })])).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    // What is not labelled as ours does not go, either.
    await one.remove();
    expect(world.sources()).toContain(`topic ${own?.split('/').at(-1)}`);
    expect(world.sources()).toContain(`subscription ${name?.split('/').at(-1)}`);
  });
});

describe('what may not be granted', () => {
  it('is told with the commands that grant it', async () => {
    const one = await world.function('denied');
    const letters = `projects/${PROJECT}/topics/letters`;
    await world.call('pubsub', 'PUT', `/v1/${letters}`, {});
    await world.call('pubsub', 'PUT', `/v1/projects/${PROJECT}/subscriptions/letters`, {
      topic: letters,
    });
    const { sources } = one.plan([table('d', { create: false, deadLetter: 'letters' })]);
    const grants = sources.filter(({ id }) => id === 'event-d-grants');
    const grantsOf = (collection: string) =>
      grants.map((step) => ({
        ...step,
        input: {
          ...step.input,
          grants: listOf(step.input['grants']).filter((need) =>
            JSON.stringify(need).includes(collection),
          ),
        },
      }));
    const member = `serviceAccount:${one.target.serviceAccount}`;
    const onTopic = world.run(grantsOf('topics/letters'), world.powerless);
    await expect(onTopic).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(onTopic).rejects.toThrow(
      `gcloud pubsub topics add-iam-policy-binding ${letters} --member="${member}" --role="roles/pubsub.publisher"`,
    );
    const onProject = world.run(grantsOf('eventReceiver'), world.powerless);
    await expect(onProject).rejects.toThrow(
      `gcloud projects add-iam-policy-binding ${PROJECT} --member="${member}" --role="roles/eventarc.eventReceiver" --condition=None`,
    );
  });

  it('is not tried for a service account of the user', async () => {
    const one = await world.function('users-own', { ownsServiceAccount: false });
    const plan = one.plan([table('d'), queue('q', { queue: 'mine', deadLetter: 'mine-dead' })]);
    const grants = JSON.stringify(plan.sources.filter(({ kind }) => kind === 'ensure-grants'));
    expect(grants).not.toContain(`serviceAccount:${one.target.serviceAccount}`);
    expect(plan.made.filter(({ kind }) => kind === 'grant')).toEqual([]);
    const said = plan.warnings.map(({ field, message }) => `${field} ${message}`).join('\n');
    expect(said).toMatch(/events\.d .*your own[\s\S]*roles\/eventarc\.eventReceiver/);
    expect(said).toMatch(/events\.q .*your own[\s\S]*topics\/mine-dead[\s\S]*TokenCreator/);
  });
});

function listOf(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
