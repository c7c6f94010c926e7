import { describe, expect, it } from 'vitest';
import { createServiceBus } from '../../fakes/azure/service-bus/index.ts';
import { armOf, connection, GROUP, IDENTITY, Surroundings } from './world.ts';

const NS = `${GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-bus`;
const RECEIVER = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0';
const FAILED = { ok: false, crashed: false, message: 'no' } as const;

async function setUp(properties: object = {}, binding: object = {}) {
  const around = new Surroundings();
  const bus = createServiceBus(around.world());
  const arm = armOf(bus.provider, '2024-01-01');
  await arm('PUT', NS, { location: 'westeurope' });
  await around.advance(60_000);
  await arm('PUT', `${NS}/queues/dead`, {});
  await arm('PUT', `${NS}/queues/orders`, { properties });
  Object.assign(
    around.settings,
    connection('BUS', 'fullyQualifiedNamespace', 'shop-bus.servicebus.windows.net'),
  );
  around.grant(IDENTITY.principalId, RECEIVER, `${NS}/queues/orders`);
  await around.serve({
    type: 'serviceBusTrigger',
    queueName: 'orders',
    connection: 'BUS',
    ...binding,
  });
  return { around, bus, arm };
}

describe('the trigger', () => {
  it('delivers each message with its metadata', async () => {
    const { around, bus } = await setUp();
    bus.send('shop-bus', 'orders', '{"id":1}', {
      messageId: 'm1',
      subject: 's',
      applicationProperties: { tenant: 'blue' },
    });
    expect(bus.busy()).toBe(true);
    await around.settle();
    expect(bus.busy()).toBe(false);
    expect(around.inputs()).toEqual(['{"id":1}']);
    expect(around.metadata(0, 'MessageId')).toBe('m1');
    expect(around.metadata(0, 'DeliveryCount')).toBe(1);
    expect(around.metadata(0, 'Subject')).toBe('s');
    expect(around.metadata(0, 'ApplicationProperties')).toEqual({ tenant: 'blue' });
    // .NET knows no zone there, and writes no zeros behind the point.
    const time = new Date(around.clock.now()).toISOString().slice(0, 19);
    expect(around.metadata(0, 'EnqueuedTimeUtc')).toBe(time);
    expect(around.metadata(0, 'EnqueuedTime')).toBe(`${time}+00:00`);
    expect(bus.peek('shop-bus', 'orders')).toEqual([]);
  });

  it('writes what a body holds over the metadata, unless it is handed over as bytes', async () => {
    const { around, bus } = await setUp();
    const body = '{"messageid":"own","DELIVERYCOUNT":99,"Subject":{"a":1},"to":null,"label":["x"]}';
    const properties = { messageId: 'm1', subject: 's' };
    bus.send('shop-bus', 'orders', body, properties);
    await around.settle();
    expect(around.metadata(0, 'MessageId')).toBe('own');
    expect(around.metadata(0, 'DeliveryCount')).toBe('99');
    expect(around.metadata(0, 'Subject')).toEqual({ a: 1 });
    expect(around.metadata(0, 'Label')).toBe('s');
    await around.serve({
      type: 'serviceBusTrigger',
      queueName: 'orders',
      connection: 'BUS',
      dataType: 'Binary',
    });
    bus.send('shop-bus', 'orders', body, properties);
    await around.settle();
    expect(around.inputs()[1]).toEqual(Buffer.from(body));
    expect(around.metadata(1, 'MessageId')).toBe('m1');
    expect(around.metadata(1, 'DeliveryCount')).toBe(1);
  });

  it('delivers again at once, and gives up after the last time', async () => {
    const { around, bus } = await setUp({ maxDeliveryCount: 3 });
    around.outcomes.push(FAILED, FAILED, FAILED);
    bus.send('shop-bus', 'orders', 'poison');
    await around.settle();
    expect(around.calls.map((_, call) => around.metadata(call, 'DeliveryCount'))).toEqual([
      1, 2, 3,
    ]);
    expect(bus.peek('shop-bus', 'orders/$deadletterqueue')).toMatchObject([
      { body: 'poison', applicationProperties: { DeadLetterReason: 'MaxDeliveryCountExceeded' } },
    ]);
  });

  it('forwards dead letters where the queue says so', async () => {
    const { around, bus } = await setUp({
      maxDeliveryCount: 1,
      forwardDeadLetteredMessagesTo: 'dead',
    });
    around.outcomes.push(FAILED);
    bus.send('shop-bus', 'orders', 'poison');
    await around.settle();
    expect(bus.peek('shop-bus', 'dead')).toMatchObject([{ body: 'poison' }]);
    expect(bus.peek('shop-bus', 'orders/$deadletterqueue')).toEqual([]);
  });

  it('keeps the order of a session, also when one of its messages fails', async () => {
    const { around, bus } = await setUp({ requiresSession: true }, { isSessionsEnabled: true });
    around.outcomes.push({ ok: true }, { ok: true }, FAILED);
    for (const [body, sessionId] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['a3', 'a'],
    ] as const) {
      bus.send('shop-bus', 'orders', body, { sessionId });
    }
    await around.settle();
    expect(around.inputs()).toEqual(['a1', 'b1', 'a2', 'a2', 'a3']);
    expect(around.metadata(0, 'SessionId')).toBe('a');
  });

  it('waits for its role, and says what is wrong', async () => {
    const { around, bus } = await setUp();
    around.granted.clear();
    bus.send('shop-bus', 'orders', 'x');
    await around.advance(20_000);
    expect(around.calls).toEqual([]);
    expect(around.traces.filter((line) => line.includes("'Listen' claim"))).toHaveLength(1);
    around.grant(IDENTITY.principalId, RECEIVER, `${NS}/queues/orders`);
    await around.advance(5000);
    expect(around.inputs()).toEqual(['x']);
  });

  it('leaves what a stopped host did not finish locked, and delivers it later', async () => {
    const { around, bus } = await setUp({ lockDuration: 'PT1M' });
    let release = (): void => {};
    around.hold = new Promise((resolve) => void (release = resolve));
    around.outcomes.push(FAILED);
    bus.send('shop-bus', 'orders', 'x');
    await new Promise((resolve) => setImmediate(resolve));
    const restarted = around.restart();
    around.hold = undefined;
    release();
    await restarted;
    expect(around.calls).toHaveLength(1);
    await around.advance(60_000);
    expect(around.metadata(1, 'DeliveryCount')).toBe(2);
  });

  it('reads a subscription, by the host of this machine', async () => {
    const { around, bus, arm } = await setUp();
    await arm('PUT', `${NS}/topics/news`, {});
    await arm('PUT', `${NS}/topics/news/subscriptions/mail`, {});
    around.grant(IDENTITY.principalId, RECEIVER, `${NS}/topics/news/subscriptions/mail`);
    around.settings['BUS__fullyQualifiedNamespace'] = '127.0.0.1:5/shop-bus';
    await around.serve({
      type: 'serviceBusTrigger',
      topicName: 'news',
      subscriptionName: 'mail',
      connection: 'BUS',
    });
    bus.send('shop-bus', 'news', 'hello');
    await around.settle();
    expect(around.inputs()).toEqual(['hello']);
  });
});
