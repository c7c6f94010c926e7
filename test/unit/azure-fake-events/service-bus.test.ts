import { describe, expect, it } from 'vitest';
import { createServiceBus } from '../../fakes/azure/service-bus/index.ts';
import { armOf, DEPLOYER, GROUP, IDENTITY, Surroundings } from './world.ts';

const NS = `${GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-bus`;
const SENDER = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39';

async function setUp(sku = 'Standard') {
  const around = new Surroundings();
  const bus = createServiceBus(around.world());
  const arm = armOf(bus.provider, '2024-01-01');
  await arm('PUT', NS, { location: 'westeurope', sku: { name: sku } });
  await around.advance(60_000);
  return { around, bus, arm };
}

describe('namespaces', () => {
  it('take a while, and refuse changes meanwhile', async () => {
    const around = new Surroundings();
    const bus = createServiceBus(around.world());
    const arm = armOf(bus.provider, '2021-11-01');
    const made = await arm('PUT', NS, { location: 'westeurope', tags: { a: 'b' } });
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      tags: { a: 'b' },
      sku: { name: 'Standard', tier: 'Standard' },
      properties: { provisioningState: 'Created', status: 'Activating' },
    });
    expect((await arm('PUT', `${NS}/queues/q`, {})).code).toBe('429');
    expect(bus.provider.inventory()).toEqual(['service bus namespace shop-bus']);
    await around.advance(60_000);
    const ready = await arm('GET', NS);
    expect(ready.properties).toMatchObject({
      provisioningState: 'Succeeded',
      serviceBusEndpoint: 'http://127.0.0.1:5/shop-bus/',
    });
    expect(bus.provider.tags(NS.toUpperCase())).toEqual({ a: 'b' });
    expect(bus.provider.resourcesIn('SHOP')).toEqual([NS]);
  });

  it('are refused by name and by sku', async () => {
    const { arm, bus } = await setUp();
    const at = (name: string): string => NS.replace('shop-bus', name);
    const body = { location: 'westeurope' };
    for (const name of ['short', 'a'.repeat(51), '1starts', 'ends-', 'name-sb']) {
      expect((await arm('PUT', at(name), body)).status).toBe(400);
    }
    bus.plant('taken-elsewhere');
    expect((await arm('PUT', at('taken-elsewhere'), body)).status).toBe(409);
    expect((await arm('PUT', at('other-bus'), {})).code).toBe('LocationRequired');
    const premium = await arm('PUT', NS, { ...body, sku: { name: 'Premium' } });
    expect(premium.message).toContain('cannot be changed');
    const old = armOf(bus.provider, '2015-08-01');
    expect((await old('GET', NS)).code).toBe('NoRegisteredProviderFound');
  });

  it('are deleted with all that is in them', async () => {
    const { around, arm, bus } = await setUp();
    await arm('PUT', `${NS}/queues/q`, {});
    const gone = await arm('DELETE', NS);
    expect(gone.status).toBe(202);
    expect(gone.headers).toHaveProperty('location');
    expect((await arm('GET', NS)).properties.status).toBe('Removing');
    await around.advance(60_000);
    expect((await arm('GET', NS)).code).toBe('ResourceNotFound');
    expect((await arm('DELETE', NS)).status).toBe(204);
    expect(bus.provider.inventory()).toEqual([]);
  });
});

describe('entities', () => {
  it('have defaults, and refuse what is out of range', async () => {
    const { arm } = await setUp();
    const made = await arm('PUT', `${NS}/queues/orders`, { properties: { lockDuration: 'PT30S' } });
    expect(made.properties).toMatchObject({
      lockDuration: 'PT30S',
      maxDeliveryCount: 10,
      requiresSession: false,
      status: 'Active',
    });
    for (const properties of [
      { maxDeliveryCount: 0 },
      { maxDeliveryCount: 2001 },
      { lockDuration: 'PT6M' },
      { lockDuration: '30s' },
      { forwardDeadLetteredMessagesTo: 'nowhere' },
      { maxSizeInMegabytes: 7 },
      { requiresSession: 'yes' },
    ]) {
      expect((await arm('PUT', `${NS}/queues/other`, { properties })).status).toBe(400);
    }
    const fixed = await arm('PUT', `${NS}/queues/orders`, {
      properties: { requiresSession: true },
    });
    expect(fixed.message).toContain("'requiresSession'");
    expect((await arm('PUT', `${NS}/topics/orders`, {})).status).toBe(400);
    expect((await arm('GET', `${NS}/queues/none`)).code).toBe('NotFound');
    expect((await arm('GET', `${NS}/topics/none/subscriptions/s`)).code).toBe(
      'ParentResourceNotFound',
    );
    expect((await arm('GET', `${NS}/queues`)).value).toHaveLength(1);
  });

  it('come with a default rule, and take rules that can be read', async () => {
    const { arm, bus } = await setUp();
    const sub = `${NS}/topics/news/subscriptions/mail`;
    await arm('PUT', `${NS}/topics/news`, { properties: {} });
    await arm('PUT', sub, { properties: { maxDeliveryCount: 3 } });
    const rules = await arm('GET', `${sub}/rules`);
    expect(rules.value.at(0)).toMatchObject({
      name: '$Default',
      properties: { filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=1' } },
    });
    const bad = await arm('PUT', `${sub}/rules/$Default`, {
      properties: { filterType: 'SqlFilter', sqlFilter: { sqlExpression: 'a ==' } },
    });
    expect(bad.status).toBe(400);
    expect((await arm('DELETE', `${sub}/rules/$Default`)).status).toBe(200);
    expect(bus.provider.inventory()).toEqual([
      'service bus namespace shop-bus',
      'service bus topic shop-bus/news',
      'service bus subscription shop-bus/news/mail',
    ]);
  });

  it('are fewer on Basic', async () => {
    const { arm } = await setUp('Basic');
    expect((await arm('PUT', `${NS}/topics/news`, {})).status).toBe(400);
    const queue = { properties: { requiresSession: true } };
    expect((await arm('PUT', `${NS}/queues/q`, queue)).message).toContain('Basic');
    expect((await arm('PUT', `${NS}/queues/q`, {})).status).toBe(200);
  });
});

describe('messages', () => {
  it('reach the subscriptions whose rules they fit', async () => {
    const { arm, bus } = await setUp();
    await arm('PUT', `${NS}/topics/news`, {});
    const sql = (sqlExpression: string) => ({
      properties: { filterType: 'SqlFilter', sqlFilter: { sqlExpression } },
    });
    for (const name of ['all', 'blue', 'label']) {
      await arm('PUT', `${NS}/topics/news/subscriptions/${name}`, {});
    }
    await arm(
      'PUT',
      `${NS}/topics/news/subscriptions/blue/rules/$Default`,
      sql("tenant IN ('blue')"),
    );
    await arm('DELETE', `${NS}/topics/news/subscriptions/label/rules/$Default`);
    await arm('PUT', `${NS}/topics/news/subscriptions/label/rules/r`, {
      properties: { filterType: 'CorrelationFilter', correlationFilter: { label: 'hi' } },
    });
    bus.send('shop-bus', 'news', 'one', { applicationProperties: { tenant: 'blue' } });
    bus.send('shop-bus', 'news', 'two', { subject: 'hi' });
    const bodies = (name: string): readonly string[] =>
      bus.drain('shop-bus', `news/subscriptions/${name}`).map(({ body }) => body);
    expect(bodies('all')).toEqual(['one', 'two']);
    expect(bodies('blue')).toEqual(['one']);
    expect(bodies('label')).toEqual(['two']);
  });

  it('are sent over HTTP by who has the role', async () => {
    const { around, arm, bus } = await setUp();
    await arm('PUT', `${NS}/queues/orders`, {});
    const post = (caller: typeof DEPLOYER | undefined, url: string, headers = {}, body = 'hi') =>
      bus.handle({
        method: 'POST',
        url,
        headers: { ...(caller && { authorization: 'Bearer x' }), ...headers },
        body: Buffer.from(body),
        caller,
      });
    const url = '/shop-bus/orders/messages?timeout=60';
    expect((await post(undefined, url)).status).toBe(401);
    expect((await post(IDENTITY, url)).status).toBe(401);
    around.grant(IDENTITY.principalId, SENDER, `${NS}/queues/orders`);
    const later = new Date(around.clock.now() + 5000).toUTCString();
    const sent = await post(IDENTITY, url, {
      brokerproperties: JSON.stringify({
        MessageId: 'm',
        Label: 'l',
        ScheduledEnqueueTimeUtc: later,
      }),
      tenant: '"blue"',
      level: '3',
      'content-type': 'application/json',
    });
    expect(sent.status).toBe(201);
    expect(bus.drain('shop-bus', 'orders')).toEqual([]);
    await around.advance(5000);
    expect(bus.drain('shop-bus', 'orders')).toMatchObject([
      {
        body: 'hi',
        messageId: 'm',
        subject: 'l',
        contentType: 'application/json',
        applicationProperties: { tenant: 'blue', level: 3 },
      },
    ]);
    expect((await post(DEPLOYER, '/shop-bus/none/messages')).status).toBe(404);
    expect((await post(DEPLOYER, '/nobody/orders/messages')).status).toBe(404);
    expect((await post(DEPLOYER, url, {}, 'x'.repeat(262_145))).status).toBe(413);
    const bad = await post(DEPLOYER, url, { brokerproperties: '{' });
    expect(bad.status).toBe(400);
    expect(bad.body).toContain('<Error><Code>400</Code>');
  });

  it('with a known id are dropped where duplicates are detected', async () => {
    const { around, arm, bus } = await setUp();
    await arm('PUT', `${NS}/queues/q`, { properties: { requiresDuplicateDetection: true } });
    for (const body of ['a', 'b']) bus.send('shop-bus', 'q', body, { messageId: 'same' });
    await around.advance(601_000);
    bus.send('shop-bus', 'q', 'c', { messageId: 'same' });
    expect(bus.peek('shop-bus', 'q').map(({ body }) => body)).toEqual(['a', 'c']);
  });

  it('that expire are dead letters where asked for', async () => {
    const { around, arm, bus } = await setUp();
    await arm('PUT', `${NS}/queues/q`, {
      properties: { defaultMessageTimeToLive: 'PT1M', deadLetteringOnMessageExpiration: true },
    });
    bus.send('shop-bus', 'q', 'old');
    await around.advance(61_000);
    expect(bus.peek('shop-bus', 'q')).toEqual([]);
    expect(bus.peek('shop-bus', 'q/$deadletterqueue')).toMatchObject([{ body: 'old' }]);
  });
});
