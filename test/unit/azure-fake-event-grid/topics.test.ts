import { describe, expect, it } from 'vitest';
import { ACCOUNT, GROUP, SYSTEM_TOPIC, TOPIC, toQueue, useScene } from './scene.ts';

const scene = useScene();
const PROVIDER = `${GROUP}/providers/Microsoft.EventGrid`;
const BODY = { location: 'westeurope', properties: { inputSchema: 'CloudEventSchemaV1_0' } };

describe('a custom topic', () => {
  it('takes a while to be made, and tells its endpoint then', async () => {
    const { arm, advance, world } = scene();
    const made = await arm('PUT', TOPIC, BODY);
    expect(made.status).toBe(201);
    expect(made.headers).toHaveProperty('azure-asyncoperation');
    expect(made.properties).toMatchObject({ provisioningState: 'Creating', endpoint: null });
    expect(await arm('PUT', TOPIC, BODY)).toMatchObject({ status: 409, code: 'Conflict' });
    await advance(5_000);
    const there = await arm('GET', TOPIC, undefined, '2025-02-15');
    expect(there).toMatchObject({
      status: 200,
      body: { name: 'shop-bus', type: 'Microsoft.EventGrid/topics', location: 'westeurope' },
      properties: {
        provisioningState: 'Succeeded',
        inputSchema: 'CloudEventSchemaV1_0',
        endpoint: `${world.planes.eventGrid}/shop-bus/api/events`,
      },
    });
  });

  it('is answered alike when it was there', async () => {
    await scene().topic();
    expect(await scene().arm('PUT', TOPIC, BODY)).toMatchObject({ status: 201 });
    const changed = { ...BODY, properties: { inputSchema: 'EventGridSchema' } };
    expect(await scene().arm('PUT', TOPIC, changed)).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });

  it('takes a while to go, with its subscriptions', async () => {
    const { arm, done, advance, manager } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', `${TOPIC}/eventSubscriptions/mine`, toQueue());
    expect(scene().eventGrid.provider.inventory()).toEqual([
      'event-grid topic shop-bus',
      'event-grid eventSubscription shop-bus/mine',
    ]);
    expect(await arm('DELETE', TOPIC)).toMatchObject({ status: 202 });
    expect(await arm('DELETE', TOPIC)).toMatchObject({ status: 202 });
    expect((await arm('GET', TOPIC)).properties).toMatchObject({ provisioningState: 'Deleting' });
    expect(await arm('PUT', TOPIC, BODY)).toMatchObject({ status: 409, code: 'Conflict' });
    await advance(5_000);
    expect(await arm('GET', TOPIC)).toMatchObject({ status: 404, code: 'ResourceNotFound' });
    expect(await arm('DELETE', TOPIC)).toMatchObject({ status: 204 });
    expect(scene().eventGrid.provider.inventory()).toEqual([]);
    expect(manager.groups.get('shop')).toBeDefined();
  });

  it.each([
    ['a short name', `${PROVIDER}/topics/ab`, BODY],
    ['a strange name', `${PROVIDER}/topics/a_b_c`, BODY],
    ['a strange schema', TOPIC, { ...BODY, properties: { inputSchema: 'Mine' } }],
  ])('is refused with %s', async (_, path, body) => {
    expect(await scene().arm('PUT', path, body)).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });

  it('needs a location, and a version that there is', async () => {
    expect(await scene().arm('PUT', TOPIC, { properties: {} })).toMatchObject({
      status: 400,
      code: 'LocationRequired',
    });
    expect(await scene().arm('GET', TOPIC, undefined, '2019-01-01')).toMatchObject({
      status: 400,
      code: 'NoRegisteredProviderFound',
    });
  });

  it('has two keys, and takes tags', async () => {
    const { arm } = scene();
    await scene().topic();
    const keys = await arm('POST', `${TOPIC}/listKeys`);
    expect(keys.body).toEqual({ key1: expect.any(String), key2: expect.any(String) });
    const renewed = await arm('POST', `${TOPIC}/regenerateKey`, { keyName: 'key1' });
    expect(renewed.body).not.toEqual(keys.body);
    await arm('PATCH', TOPIC, { tags: { a: 'b' } });
    expect((await arm('GET', TOPIC)).body).toMatchObject({ tags: { a: 'b' } });
    const list = await arm('GET', `${PROVIDER}/topics`);
    expect(list.value).toHaveLength(1);
  });
});

describe('a system topic', () => {
  const body = (properties: object) => ({ location: 'westeurope', properties });
  const source = { source: ACCOUNT, topicType: 'Microsoft.Storage.StorageAccounts' };

  it('is of an account that is there, which has one at most', async () => {
    const { arm, done } = scene();
    expect(await arm('PUT', SYSTEM_TOPIC, body(source))).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    await scene().storage();
    expect(await done('PUT', SYSTEM_TOPIC, body(source))).toMatchObject({
      body: { status: 'Succeeded' },
    });
    expect((await arm('GET', SYSTEM_TOPIC)).properties).toMatchObject({
      ...source,
      provisioningState: 'Succeeded',
    });
    expect(await arm('PUT', `${PROVIDER}/systemTopics/second`, body(source))).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
      message: expect.stringContaining('Only one system topic is allowed per source'),
    });
    const all = `/subscriptions/${scene().world.subscriptionId}/providers/Microsoft.EventGrid`;
    expect((await arm('GET', `${all}/systemTopics`)).value).toHaveLength(1);
  });

  it('is there for others by its own name only', async () => {
    await scene().storage();
    await scene().topic();
    await scene().systemTopic(`${PROVIDER}/systemTopics/shop-bus`);
    expect(scene().eventGrid.provider.inventory()).toEqual([
      'event-grid topic shop-bus',
      'event-grid systemTopic shop-bus',
    ]);
  });
});
