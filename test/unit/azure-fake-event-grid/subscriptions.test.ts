import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { mapOf } from '../../fakes/azure/core/json.ts';
import { ACCOUNT, SITE, SYSTEM_TOPIC, TOPIC, cloudEvent, toQueue, useScene } from './scene.ts';

const scene = useScene();
const NESTED = `${TOPIC}/eventSubscriptions/mine`;
const EXTENDING = `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/mine`;
const OF_SYSTEM = `${SYSTEM_TOPIC}/eventSubscriptions/mine`;

describe('an event subscription', () => {
  it('is the same by both paths of a topic', async () => {
    const { arm } = scene();
    await scene().storage();
    await scene().topic();
    const made = await arm('PUT', EXTENDING, toQueue());
    expect(made).toMatchObject({ status: 201, properties: { provisioningState: 'Creating' } });
    expect(await arm('PUT', NESTED, toQueue())).toMatchObject({ status: 409, code: 'Conflict' });
    expect(await arm('DELETE', NESTED)).toMatchObject({ status: 409, code: 'Conflict' });
    await scene().advance(6_000);
    for (const path of [NESTED, EXTENDING]) {
      expect(await arm('GET', path)).toMatchObject({
        status: 200,
        body: { id: EXTENDING, name: 'mine', type: 'Microsoft.EventGrid/eventSubscriptions' },
        properties: {
          topic: TOPIC,
          provisioningState: 'Succeeded',
          retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
          deadLetterDestination: null,
        },
      });
      expect((await arm('GET', path.replace(/\/mine$/, ''))).value).toHaveLength(1);
    }
    expect(await arm('DELETE', NESTED)).toMatchObject({ status: 202 });
    expect((await arm('GET', NESTED)).properties).toMatchObject({ provisioningState: 'Deleting' });
    await scene().advance(5_000);
    expect(await arm('GET', NESTED)).toMatchObject({ status: 404, code: 'ResourceNotFound' });
    expect(await arm('DELETE', EXTENDING)).toMatchObject({ status: 204 });
  });

  it('is changed by PUT and PATCH, and keeps what stands until then', async () => {
    const { arm, done } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', NESTED, toQueue({ labels: ['a'] }));
    await done('PATCH', NESTED, { filter: { subjectBeginsWith: '/x' } });
    expect((await arm('GET', NESTED)).properties).toMatchObject({
      labels: ['a'],
      filter: { subjectBeginsWith: '/x' },
      destination: { endpointType: 'StorageQueue' },
    });
    const missing = { resourceId: ACCOUNT, queueName: 'missing' };
    const failed = await done('PATCH', NESTED, {
      destination: { endpointType: 'StorageQueue', properties: missing },
    });
    expect(failed).toMatchObject({ body: { status: 'Failed' }, code: 'Endpoint validation' });
    expect((await arm('GET', NESTED)).properties).toMatchObject({
      provisioningState: 'Succeeded',
      destination: { properties: { queueName: 'events' } },
    });
  });

  it('fails without its queue or its container, and can be put once more', async () => {
    const { arm, done } = scene();
    await scene().storage();
    await scene().topic();
    const nowhere = {
      endpointType: 'StorageBlob',
      properties: { resourceId: ACCOUNT, blobContainerName: 'missing' },
    };
    expect(await done('PUT', NESTED, toQueue({ deadLetterDestination: nowhere }))).toMatchObject({
      code: 'Endpoint validation',
      body: { status: 'Failed' },
    });
    expect((await arm('GET', NESTED)).properties).toMatchObject({ provisioningState: 'Failed' });
    expect(await done('PUT', NESTED, toQueue())).toMatchObject({ body: { status: 'Succeeded' } });
  });

  const wrong: readonly (readonly [string, object])[] = [
    ['no destination', { destination: null }],
    ['a strange destination', { destination: { endpointType: 'Pigeon', properties: {} } }],
    ['too many attempts', { retryPolicy: { maxDeliveryAttempts: 31 } }],
    ['no time to live', { retryPolicy: { eventTimeToLiveInMinutes: 0 } }],
    ['another schema', { eventDeliverySchema: 'EventGridSchema' }],
    ['an end in the past', { expirationTimeUtc: '2020-01-01T00:00:00Z' }],
    ['a filter without a key', filterOf({ operatorType: 'IsNotNull' })],
    ['an operator that there is not', filterOf({ operatorType: 'StringIs', key: 'type' })],
    ['texts for numbers', filterOf({ operatorType: 'NumberIn', key: 'data.a', values: ['1'] })],
    ['no values', filterOf({ operatorType: 'StringIn', key: 'type', values: [] })],
    ['a long text', filterOf({ operatorType: 'StringIn', key: 'x', values: ['x'.repeat(513)] })],
    ['a range backwards', filterOf({ operatorType: 'NumberInRange', key: 'x', values: [[2, 1]] })],
    ['deep keys', filterOf({ operatorType: 'IsNotNull', key: 'data.a.b.c.d.e.f' })],
    [
      'too many values',
      filterOf({ operatorType: 'NumberIn', key: 'x', values: Array.from({ length: 26 }, Number) }),
    ],
    [
      'too many filters',
      filterOf(...Array.from({ length: 26 }, () => ({ operatorType: 'IsNotNull', key: 'x' }))),
    ],
  ];
  it.each(wrong)('is refused with %s', async (_, more) => {
    await scene().storage();
    await scene().topic();
    expect(await scene().arm('PUT', NESTED, toQueue(more))).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    expect(await scene().arm('GET', NESTED)).toMatchObject({ status: 404 });
  });

  it('needs a good name, and a topic that is ready', async () => {
    const { arm } = scene();
    await scene().storage();
    const without = `${TOPIC}/eventSubscriptions/mine`;
    expect(await arm('PUT', without, toQueue())).toMatchObject({
      status: 404,
      code: 'ParentResourceNotFound',
    });
    expect(await arm('PUT', EXTENDING, toQueue())).toMatchObject({
      status: 404,
      code: 'ResourceNotFound',
    });
    await arm('PUT', TOPIC, { location: 'westeurope', properties: {} });
    expect(await arm('PUT', NESTED, toQueue())).toMatchObject({ status: 409, code: 'Conflict' });
    await scene().advance(5_000);
    expect(await arm('PUT', `${TOPIC}/eventSubscriptions/a.b`, toQueue())).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });
});

describe('of a storage account', () => {
  it('is a child of the system topic, and shown at the account', async () => {
    const { arm, done } = scene();
    await scene().storage();
    await scene().systemTopic();
    await done('PUT', OF_SYSTEM, toQueue());
    expect(await arm('GET', OF_SYSTEM)).toMatchObject({
      body: { id: OF_SYSTEM, type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions' },
      properties: {
        topic: SYSTEM_TOPIC,
        filter: { includedEventTypes: expect.arrayContaining(['Microsoft.Storage.BlobCreated']) },
      },
    });
    const at = `${ACCOUNT}/providers/Microsoft.EventGrid/eventSubscriptions`;
    expect((await arm('GET', at)).value).toHaveLength(1);
    const extending = `${SYSTEM_TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/other`;
    expect(await arm('PUT', extending, toQueue())).toMatchObject({ status: 400 });
    const strange = toQueue({ filter: { includedEventTypes: ['order.placed'] } });
    expect(await arm('PUT', OF_SYSTEM, strange)).toMatchObject({ status: 400 });
  });

  it('brings a system topic along, which goes with it', async () => {
    const { arm, done, eventGrid } = scene();
    await scene().storage();
    const path = `${ACCOUNT}/providers/Microsoft.EventGrid/eventSubscriptions/mine`;
    expect(await arm('GET', path)).toMatchObject({ status: 404 });
    expect(await done('PUT', path, toQueue())).toMatchObject({ body: { status: 'Succeeded' } });
    expect(eventGrid.provider.inventory()).toEqual([
      expect.stringMatching(/^event-grid systemTopic shopdata-/),
      expect.stringMatching(/^event-grid eventSubscription shopdata-.+\/mine$/),
    ]);
    expect((await arm('GET', path)).properties).toMatchObject({ topic: ACCOUNT });
    await done('DELETE', path);
    expect(eventGrid.provider.inventory()).toEqual([]);
  });
});

describe('to a webhook', () => {
  let close = (): void => {};
  afterEach(() => close());

  /** A webhook that answers the handshake as told. */
  async function hook(answer: (event: unknown) => string) {
    const got: { readonly type: unknown; readonly body: unknown }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        got.push({ type: request.headers['aeg-event-type'], body });
        response.end(answer(Array.isArray(body) ? body[0] : body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    close = () => void server.close();
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const endpointUrl = `http://127.0.0.1:${port}/hook?code=secret`;
    const properties = {
      destination: { endpointType: 'WebHook', properties: { endpointUrl } },
    };
    return { got, endpointUrl, properties };
  }

  it('is made once the code came back, and delivers then', async () => {
    const { arm, done, work } = scene();
    await scene().topic('EventGridSchema');
    const code = (event: unknown): unknown => mapOf(mapOf(event)['data'])['validationCode'];
    const { got, properties, endpointUrl } = await hook((event) =>
      JSON.stringify({ validationResponse: code(event) }),
    );
    const begun = await arm('PUT', NESTED, { properties });
    expect(begun.status).toBe(201);
    await scene().advance(10_000);
    const made = await arm('GET', NESTED);
    expect(made.properties).toMatchObject({ provisioningState: 'Succeeded' });
    expect(JSON.stringify(made.body)).not.toContain('secret');
    expect((await arm('POST', `${NESTED}/getFullUrl`)).body).toEqual({ endpointUrl });
    const event = {
      id: '1',
      subject: '/orders/1',
      eventType: 'placed',
      eventTime: '2026-11-21T09:00:00Z',
      dataVersion: '1',
      data: { a: 1 },
    };
    const reply = await scene().post(JSON.stringify([event]), scene().bearer());
    expect(reply.status).toBe(200);
    await work.idle();
    expect(got.map(({ type }) => type)).toEqual(['SubscriptionValidation', 'Notification']);
    expect(got[1]?.body).toEqual([{ ...event, topic: TOPIC, metadataVersion: '1' }]);
    expect(await done('DELETE', NESTED)).toMatchObject({ body: { status: 'Succeeded' } });
  });

  it('fails without the code', async () => {
    await scene().topic('EventGridSchema');
    const { properties } = await hook(() => '{}');
    const failed = await scene().done('PUT', NESTED, { properties });
    expect(failed).toMatchObject({ body: { status: 'Failed' }, code: 'Url validation' });
    expect(failed.message).not.toContain('secret');
  });

  it('is refused for a URL that is not https', async () => {
    await scene().topic();
    const destination = {
      endpointType: 'WebHook',
      properties: { endpointUrl: 'http://example.com' },
    };
    expect(await scene().arm('PUT', NESTED, { properties: { destination } })).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });
});

describe('to a function', () => {
  const destination = {
    endpointType: 'AzureFunction',
    properties: { resourceId: `${SITE}/functions/bus` },
  };

  it('calls it with the event, and again when it fails', async () => {
    const { done, advance, world } = scene();
    await scene().topic();
    expect(await done('PUT', NESTED, { properties: { destination } })).toMatchObject({
      code: 'Endpoint validation',
    });
    const host = scene().site([
      { name: 'bus', bindings: { event: { type: 'eventGridTrigger' } } },
      { name: 'http', bindings: { req: { type: 'httpTrigger' } } },
    ]);
    await done('PUT', NESTED, { properties: { destination } });
    host.outcomes.push({ ok: false, crashed: false, message: 'no' });
    world.eventGrid.publish(TOPIC, [cloudEvent()]);
    await advance(10_000);
    expect(host.calls.map(({ data }) => data)).toEqual([
      { json: JSON.stringify(cloudEvent()) },
      { json: JSON.stringify(cloudEvent()) },
    ]);
  });

  it('needs a trigger of its kind', async () => {
    await scene().topic();
    scene().site([{ name: 'bus', bindings: { req: { type: 'httpTrigger' } } }]);
    expect(await scene().done('PUT', NESTED, { properties: { destination } })).toMatchObject({
      code: 'Unsupported Azure Function Trigger',
    });
  });
});

function filterOf(...advancedFilters: readonly object[]): object {
  return { filter: { advancedFilters } };
}
