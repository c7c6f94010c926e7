/** Lets something happen at every source, well and badly, so that each permission is asked for. */
import type { ServerlessManager } from 'polyfaas/contract';
import { AWS } from '../../../providers/aws/native.ts';
import { sendHttp } from '../../../src/contract/http-client.ts';
import type { Stage } from './stage.ts';

/** Sources that the functions refer to and do not make; by somebody else, so not counted among the deployer's calls. */
export async function makeDestinations(stage: Stage): Promise<void> {
  const { fake } = stage;
  const maker = await stage.manager({
    providerOptions: { aws: { credentials: fake.observer } },
  });
  const clients = maker.native(AWS.clients);
  if (clients === undefined) throw new Error('The adapter hands out its clients');
  await (await clients.sqs()).createQueue({ QueueName: 'succeeded' });
  await (await clients.sns()).createTopic({ Name: 'failed' });
  await (await clients.eventbridge()).createEventBus({ Name: 'outcomes' });
}

/** The events that arrived, as the functions' own logs tell them. */
export async function arrived(
  manager: ServerlessManager,
  name: string,
): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>();
  for await (const { message } of manager.logs(name, { last: '1d' })) {
    const kind = /^got (\w+)/.exec(message)?.[1];
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

export async function emitEverything(stage: Stage, manager: ServerlessManager): Promise<void> {
  const { world } = stage.fake;
  for (const data of ['fine', 'fail']) {
    for (const queue of ['orders', 'loose']) {
      world.sqs.send(world.sqs.arnOf(queue), JSON.stringify({ data }));
    }
    world.kinesis.put('clicks', 'key', Buffer.from(JSON.stringify({ data })));
    world.dynamodb.put('stock', { id: data }, { data });
    world.sns.publish(world.sns.arnOf('users'), JSON.stringify({ data }), {
      attributes: { kind: 'new' },
    });
    world.s3.put('shop-pictures', data, Buffer.from('picture'));
    world.events.put({
      bus: 'shop',
      source: 'orders',
      detailType: 'placed',
      detail: JSON.stringify({ data }),
    });
    await manager.invoke('pulled', { data }, { mode: 'async' });
    await manager.invoke('pushed', { data: 'fine' }, { mode: 'async' });
  }
  await stage.fake.settle();
  for (const name of ['pushed', 'route']) {
    const { url } = (await manager.describe(name)) ?? {};
    const { status } = await sendHttp(`${url ?? ''}/`);
    if (status !== 200) throw new Error(`The route of ${name} answered ${status}`);
  }
}

const DEAD = [
  'orders-dead',
  'clicks-dead',
  'stock-dead',
  'users-dead',
  'pictures-dead',
  'shop-dead',
];

/** Everything has come to where it goes, in the end. */
export async function untilAllIsDone(stage: Stage, manager: ServerlessManager): Promise<void> {
  const { world } = stage.fake;
  const holds = (queue: string) => world.sqs.peek(world.sqs.arnOf(queue)).length > 0;
  for (const queue of DEAD) await stage.until(`${queue} holds a message`, () => holds(queue));
  await stage.until('the outcome of a call arrived', () => holds('succeeded'));
  await stage.until('the timer went off', async () =>
    (await arrived(manager, 'pushed')).has('schedule'),
  );
}
