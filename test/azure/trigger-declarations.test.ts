/**
 * What a package registers with the real `@azure/functions`, as the host sees it: the bindings of each kind of event, and
 * what their references to app settings come to.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { placeOf } from '../../providers/azure/names.ts';
import type { AzureOptions } from '../../providers/azure/options.ts';
import type { RegisteredFunction } from '../fakes/azure/core/ports.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const ORDERS: EventSpec = { type: 'queue', id: 'q', queue: 'orders', create: true };

/** What every package has besides its bindings. */
const OWN = ['polyfaas', 'polyfaas-async'];

type Trigger = Readonly<Record<string, unknown>>;

interface Declared {
  /** By the names of their functions. */
  readonly triggers: Readonly<Record<string, Trigger>>;
  /** The trigger of the one function that is a binding's. */
  readonly trigger: Trigger;
  readonly retry: Readonly<Record<string, unknown>> | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly host: Readonly<Record<string, unknown>>;
}

/** @param app of that function alone: names follow from it. */
async function declared(
  app: string,
  events: readonly EventSpec[],
  options: AzureOptions = {},
): Promise<Declared> {
  const main = { source: EVENTS_SOURCE, events };
  const manager = await stage.manager({
    app,
    functions: { main },
    providerOptions: { azure: options },
  });
  await manager.deploy('main');
  const { fake } = stage;
  const ref = { app, stage: 'dev', name: 'main' };
  const { siteId } = placeOf(ref, fake.subscriptionId, { resourceGroup: null, siteNames: {} });
  const { web } = fake.world;
  const functions = (await web.hostOf(siteId)?.functions()) ?? [];
  const triggers = Object.fromEntries(functions.map((one) => [one.name, triggerOf(one)]));
  const found = functions.find(({ name }) => !OWN.includes(name));
  return {
    triggers,
    trigger: triggers[found?.name ?? ''] ?? {},
    retry: found?.retryOptions,
    settings: Object.fromEntries(
      Object.entries(web.settingsOf(siteId)).map(([name, value]) => [wordOf(name), value]),
    ),
    host: web.hostConfigOf(siteId),
  };
}

/** Without what the library adds to each alike. */
function triggerOf({ bindings }: RegisteredFunction): Trigger {
  const all = Object.values(bindings);
  const found = all.find(({ type }) => String(type).endsWith('Trigger')) ?? {};
  const { name: _name, direction, properties: _properties, ...trigger } = found;
  expect(direction).toBe('in');
  const worded = Object.entries(trigger).map(([field, value]) => [
    field,
    typeof value === 'string' ? wordOf(value) : value,
  ]);
  return Object.fromEntries(worded);
}

/** Settings that a trigger refers to, and the parts of its connection, by their own names. */
function meaning({ trigger, settings }: Declared): Readonly<Record<string, string>> {
  const text = JSON.stringify(trigger);
  const names = [...text.matchAll(/%([^%]+)%/g)].map(([, name = '']) => name);
  const { connection } = trigger;
  const parts = Object.keys(settings).filter(
    (name) => typeof connection === 'string' && name.startsWith(`${connection}__`),
  );
  return Object.fromEntries(
    [...names, ...parts].map((name) => [name, wordOf(settings[name] ?? '')]),
  );
}

/** Addresses, ids and moments are others in each run; so are the keys of packages in names of settings. */
function wordOf(value: string): string {
  return value
    .replaceAll(/POLYFAAS_P[0-9a-f]{10}_/g, 'POLYFAAS_')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://HOST')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'GUID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}

describe('a package registers', () => {
  it('the direct route, and the queue of asynchronous invocations', async () => {
    const { triggers, settings } = await declared('bare', []);
    expect(triggers).toMatchInlineSnapshot(`
      {
        "polyfaas": {
          "authLevel": "function",
          "methods": [
            "POST",
          ],
          "route": "polyfaas/invoke",
          "type": "httpTrigger",
        },
        "polyfaas-async": {
          "connection": "AzureWebJobsStorage",
          "dataType": "binary",
          "queueName": "polyfaas-async",
          "type": "queueTrigger",
        },
      }
    `);
    expect(settings['AzureWebJobsStorage__credential']).toBe('managedidentity');
  });

  it('one function for all routes', async () => {
    const { triggers, trigger, host } = await declared('routes', [
      { type: 'http', path: '/orders' },
      { type: 'http', method: 'DELETE', path: '/orders/{id}' },
    ]);
    expect(Object.keys(triggers).toSorted()).toEqual(['http', ...OWN]);
    expect(trigger).toMatchInlineSnapshot(`
      {
        "authLevel": "anonymous",
        "methods": [
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
        ],
        "route": "{*path}",
        "type": "httpTrigger",
      }
    `);
    expect(host['extensions']).toMatchObject({ http: { routePrefix: '' } });
  });

  it.each<readonly [string, string, EventSpec]>([
    ['a', '0 */5 * * * *', { type: 'schedule', id: 'a', every: '5 minutes' }],
    ['b', '0 0 3 * * *', { type: 'schedule', id: 'b', cron: '0 3 * * *' }],
    ['c', '0 30 8 * * 1-5', { type: 'schedule', id: 'c', cron: '30 8 * * MON-FRI' }],
  ])('the schedule %s: %s', async (id, schedule, event) => {
    const found = await declared(`timer-${id}`, [event]);
    const name = `POLYFAAS_B_${id.toUpperCase()}_SCHEDULE`;
    expect(found.trigger).toMatchObject({
      type: 'timerTrigger',
      runOnStartup: false,
      schedule: `%${name}%`,
    });
    expect(meaning(found)).toEqual({ [name]: schedule });
  });

  it('a queue of Azure Storage', async () => {
    const found = await declared('queues', [ORDERS]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "POLYFAAS_C_QUEUES_3WHNUMMN",
          "dataType": "binary",
          "queueName": "%POLYFAAS_B_Q_QUEUE%",
          "type": "queueTrigger",
        },
        undefined,
        {
          "POLYFAAS_B_Q_QUEUE": "orders",
          "POLYFAAS_C_QUEUES_3WHNUMMN__clientId": "GUID",
          "POLYFAAS_C_QUEUES_3WHNUMMN__credential": "managedidentity",
          "POLYFAAS_C_QUEUES_3WHNUMMN__queueServiceUri": "http://HOST/queuesdevuuszuqit/",
        },
      ]
    `);
  });

  it('a queue of Service Bus', async () => {
    const found = await declared('bus-queues', [ORDERS], { queues: 'servicebus' });
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "POLYFAAS_C_SERVICEBUS_YBNTYJHC",
          "dataType": "binary",
          "queueName": "%POLYFAAS_B_Q_QUEUE%",
          "type": "serviceBusTrigger",
        },
        undefined,
        {
          "POLYFAAS_B_Q_QUEUE": "orders",
          "POLYFAAS_C_SERVICEBUS_YBNTYJHC__clientId": "GUID",
          "POLYFAAS_C_SERVICEBUS_YBNTYJHC__credential": "managedidentity",
          "POLYFAAS_C_SERVICEBUS_YBNTYJHC__fullyQualifiedNamespace": "bus-queues-dev-tr5dqe6y.servicebus.windows.net",
        },
      ]
    `);
  });

  it('a topic', async () => {
    const found = await declared('topics', [
      { type: 'topic', id: 't', topic: 'users', create: true },
    ]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "POLYFAAS_C_SERVICEBUS_L5OSW64D",
          "dataType": "binary",
          "subscriptionName": "%POLYFAAS_B_T_SUBSCRIPTION%",
          "topicName": "%POLYFAAS_B_T_TOPIC%",
          "type": "serviceBusTrigger",
        },
        undefined,
        {
          "POLYFAAS_B_T_SUBSCRIPTION": "topics-dev-main-yigh3y5o-dzknd2s5",
          "POLYFAAS_B_T_TOPIC": "users",
          "POLYFAAS_C_SERVICEBUS_L5OSW64D__clientId": "GUID",
          "POLYFAAS_C_SERVICEBUS_L5OSW64D__credential": "managedidentity",
          "POLYFAAS_C_SERVICEBUS_L5OSW64D__fullyQualifiedNamespace": "topics-dev-3522zmey.servicebus.windows.net",
        },
      ]
    `);
  });

  it('a stream, whose batches the host repeats', async () => {
    const found = await declared('streams', [
      {
        type: 'stream',
        id: 'c',
        stream: 'clicks',
        create: true,
        from: 'oldest',
        batchSize: 50,
        retry: { maxAttempts: 4, backoff: 'fixed', delaySeconds: 2 },
      },
    ]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "cardinality": "many",
          "connection": "POLYFAAS_C_EVENTHUBS_GG2UW7KA",
          "consumerGroup": "%POLYFAAS_B_C_GROUP%",
          "dataType": "binary",
          "eventHubName": "%POLYFAAS_B_C_HUB%",
          "type": "eventHubTrigger",
        },
        {
          "delayInterval": {
            "seconds": 2,
          },
          "maxRetryCount": 3,
          "retryStrategy": "fixedDelay",
          "strategy": "fixedDelay",
        },
        {
          "POLYFAAS_B_C_GROUP": "streams-dev-main-wu6o3kgz-o5mdjq2c",
          "POLYFAAS_B_C_HUB": "clicks",
          "POLYFAAS_C_EVENTHUBS_GG2UW7KA__clientId": "GUID",
          "POLYFAAS_C_EVENTHUBS_GG2UW7KA__credential": "managedidentity",
          "POLYFAAS_C_EVENTHUBS_GG2UW7KA__fullyQualifiedNamespace": "streams-dev-p3a7u3oc.servicebus.windows.net",
        },
      ]
    `);
    expect(found.host['extensions']).toMatchInlineSnapshot(`
      {
        "eventHubs": {
          "initialOffsetOptions": {
            "type": "fromStart",
          },
          "maxEventBatchSize": 50,
        },
        "http": {
          "routePrefix": "",
        },
        "queues": {
          "batchSize": 16,
          "maxDequeueCount": 101,
          "maxPollingInterval": "00:00:05",
          "messageEncoding": "base64",
          "newBatchThreshold": 8,
          "visibilityTimeout": "00:00:30",
        },
      }
    `);
  });

  it('a table, whose batches the host repeats later and later', async () => {
    const found = await declared('tables', [
      {
        type: 'table',
        id: 'r',
        table: 'rows',
        create: true,
        retry: { maxAttempts: 3, backoff: 'exponential', delaySeconds: 1, maxDelaySeconds: 60 },
      },
    ]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "POLYFAAS_C_COSMOS_HCHYEJIW",
          "containerName": "%POLYFAAS_B_R_TABLE%",
          "createLeaseContainerIfNotExists": false,
          "databaseName": "%POLYFAAS_B_R_DATABASE%",
          "leaseContainerName": "%POLYFAAS_B_R_LEASES%",
          "maxItemsPerInvocation": 100,
          "startFromTime": "TIME",
          "type": "cosmosDBTrigger",
        },
        {
          "maxRetryCount": 2,
          "maximumInterval": {
            "seconds": 60,
          },
          "minimumInterval": {
            "seconds": 1,
          },
          "retryStrategy": "exponentialBackoff",
          "strategy": "exponentialBackoff",
        },
        {
          "POLYFAAS_B_R_DATABASE": "polyfaas",
          "POLYFAAS_B_R_LEASES": "leases-tables-dev-main-4zbp6equ-ra7pbw7o",
          "POLYFAAS_B_R_TABLE": "rows",
          "POLYFAAS_C_COSMOS_HCHYEJIW__accountEndpoint": "https://tables-dev-4z2auxev.documents.azure.com:443/",
          "POLYFAAS_C_COSMOS_HCHYEJIW__clientId": "GUID",
          "POLYFAAS_C_COSMOS_HCHYEJIW__credential": "managedidentity",
        },
      ]
    `);
  });

  it('the queue of its own that Event Grid fills for a bucket', async () => {
    const found = await declared('buckets', [
      { type: 'object', id: 'o', bucket: 'pictures', create: true },
    ]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "AzureWebJobsStorage",
          "dataType": "binary",
          "queueName": "%POLYFAAS_B_O_QUEUE%",
          "type": "queueTrigger",
        },
        undefined,
        {
          "AzureWebJobsStorage__blobServiceUri": "http://HOST/pfbucketsmaing6gguc2f/",
          "AzureWebJobsStorage__clientId": "GUID",
          "AzureWebJobsStorage__credential": "managedidentity",
          "AzureWebJobsStorage__queueServiceUri": "http://HOST/pfbucketsmaing6gguc2f/",
          "AzureWebJobsStorage__tableServiceUri": "https://pfbucketsmaing6gguc2f.table.core.windows.net/",
          "POLYFAAS_B_O_QUEUE": "polyfaas-event-fhmvggy3",
        },
      ]
    `);
  });

  it('the queue of its own that Event Grid fills for a bus', async () => {
    const found = await declared('buses', [{ type: 'bus', id: 'b', bus: 'shop', create: true }]);
    expect([found.trigger, found.retry, meaning(found)]).toMatchInlineSnapshot(`
      [
        {
          "connection": "AzureWebJobsStorage",
          "dataType": "binary",
          "queueName": "%POLYFAAS_B_B_QUEUE%",
          "type": "queueTrigger",
        },
        undefined,
        {
          "AzureWebJobsStorage__blobServiceUri": "http://HOST/pfbusesmain2lzr3p43/",
          "AzureWebJobsStorage__clientId": "GUID",
          "AzureWebJobsStorage__credential": "managedidentity",
          "AzureWebJobsStorage__queueServiceUri": "http://HOST/pfbusesmain2lzr3p43/",
          "AzureWebJobsStorage__tableServiceUri": "https://pfbusesmain2lzr3p43.table.core.windows.net/",
          "POLYFAAS_B_B_QUEUE": "polyfaas-event-6diwazzk",
        },
      ]
    `);
  });

  it('nothing for what is switched off', async () => {
    const { triggers } = await declared('off', [
      { type: 'http', path: '/orders', enabled: false },
      { type: 'queue', queue: 'orders', create: true, enabled: false },
      { type: 'schedule', every: '5 minutes', enabled: false },
      { type: 'topic', topic: 'users', create: true, enabled: false },
    ]);
    expect(Object.keys(triggers).toSorted()).toEqual(OWN);
  });
});
