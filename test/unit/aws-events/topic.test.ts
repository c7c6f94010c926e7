import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, REGION, topic } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

function arnOf(name: string): string {
  return `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;
}

async function subscriptions(name: string) {
  const sns = await world.observer.sns();
  const found = await sns.listSubscriptionsByTopic({ TopicArn: arnOf(name) });
  return Promise.all(
    (found.Subscriptions ?? []).map(async ({ SubscriptionArn }) => {
      const one = await sns.getSubscriptionAttributes({ SubscriptionArn });
      return { endpoint: one.Attributes?.['Endpoint'], filter: one.Attributes?.['FilterPolicy'] };
    }),
  );
}

describe('topics', () => {
  it('are made, subscribed to, filtered, left, and taken away again', async () => {
    const before = world.fake.inventory();
    const filter = { tenant: ['blue'] };
    const fn = await world.function('orders', [topic('t', { deadLetter: 'dead' })]);
    await fn.bind([topic('t', { deadLetter: 'dead' })]);
    expect(await subscriptions('users')).toEqual([{ endpoint: fn.alias, filter: undefined }]);
    const invoke = { principal: 'sns.amazonaws.com', sourceArn: arnOf('users') };
    expect(world.fake.world.lambda.allows(fn.alias, invoke)).toBe(true);

    await fn.bind([topic('t', { filter })]);
    expect(await subscriptions('users')).toEqual([
      { endpoint: fn.alias, filter: JSON.stringify(filter) },
    ]);
    await fn.bind([topic('t', { filter: { tenant: ['red'] } })]);
    expect(await subscriptions('users')).toMatchObject([{ filter: '{"tenant":["red"]}' }]);
    await fn.bind([topic('t')]);
    const [open] = await subscriptions('users');
    expect([undefined, '{}']).toContain(open?.filter);

    await fn.bind([topic('t', { enabled: false })]);
    expect(await subscriptions('users')).toEqual([]);
    expect(world.fake.world.lambda.allows(fn.alias, invoke)).toBe(false);
    await fn.bind([topic('t')]);
    await fn.bind([]);
    expect(await subscriptions('users')).toEqual([]);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('that strangers listen to are kept, and still tell whose they were', async () => {
    const fn = await world.function('owner');
    await fn.bind([topic('t', { topic: 'news' })]);
    const sqs = await world.observer.sqs();
    await sqs.createQueue({ QueueName: 'reader' });
    const sns = await world.observer.sns();
    await sns.subscribe({
      TopicArn: arnOf('news'),
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:reader`,
    });
    await fn.remove();
    const { Tags } = await sns.listTagsForResource({ ResourceArn: arnOf('news') });
    expect(Tags).toContainEqual({ Key: 'polyfaas:function', Value: 'owner' });
  });

  it('of another function of ours are not taken away', async () => {
    const first = await world.function('first');
    const second = await world.function('second');
    await first.bind([topic('t', { topic: 'firsts' })]);
    await second.bind([topic('t', { topic: 'firsts' })]);
    await second.remove();
    expect(await subscriptions('firsts')).toEqual([{ endpoint: first.alias, filter: undefined }]);
    await first.remove();
  });

  it('that are not there are refused, with what to do', async () => {
    const fn = await world.function('lonely');
    await expect(fn.bind([topic('t', { topic: 'x', create: false })])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
