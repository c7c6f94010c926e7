/**
 * Azure as a subject of the contract: the adapter with the vendor's own SDKs on one side, and a fake of the services on
 * the other, on a clock that waiting moves.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { createAzureProvider } from 'polyfaas/azure';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import type { JsonValue } from 'polyfaas/function';
import { signedCall, type ServerlessProvider } from 'polyfaas/spi';
import { createClients } from '../../providers/azure/clients/create.ts';
import { readDoors } from '../../providers/azure/invoke/known-functions.ts';
import { MESSAGE_MARK } from 'polyfaas/function';
import { placeOf } from '../../providers/azure/names.ts';
import type { AzureOptions } from '../../providers/azure/options.ts';
import { createAzureFake, type AzureFake } from '../fakes/azure/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

const REGION = 'westeurope';
/** A change of settings restarts the host within so long. */
const RESTART_MS = 2_000;
const VAULT = 'contract-vault';
const NAMES = { resourceGroup: null, siteNames: {} };

/** @param options of the provider, beside where the fake is. */
export async function makeAzureSubject(options: AzureOptions = {}): Promise<ContractSubject> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const fake = await createAzureFake({ clock, location: REGION });
  const { world, faults, subscriptionId } = fake;
  world.vault.set(VAULT, 'made-before', 'any');
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-contract-azure-'));
  const observer = createClients({
    subscriptionId,
    location: REGION,
    endpoint: world.endpoint,
    logsEndpoint: world.planes.logs,
    cloud: 'public',
    credential: fake.observer,
  });

  return {
    async manager(config, variation): Promise<ServerlessManager> {
      const limit = variation?.artifactLimitBytes;
      return createServerlessManager(
        {
          root,
          ...config,
          region: REGION,
          providerOptions: {
            azure: {
              subscriptionId,
              endpoint: world.endpoint,
              logsEndpoint: world.planes.logs,
              credential: fake.credential,
              keyVault: VAULT,
              ...options,
            },
          },
        },
        {
          clock: waiting,
          log: variation?.log,
          provider: (parts): ServerlessProvider => {
            const provider = createAzureProvider(parts);
            if (limit === undefined) return provider;
            const limits = { zipBytes: limit, unpackedBytes: limit };
            return { ...provider, packaging: { ...provider.packaging, limits } };
          },
        },
      );
    },
    emit: (emission) => emit(fake, emission),
    settle: () => fake.settle(),
    clock: {
      now: () => clock.now(),
      async advance(ms) {
        // A restart that is due first takes real time, in which the platform's does not stand still as it does here.
        const first = Math.min(ms, RESTART_MS);
        await clock.advance(first);
        if (ms === first) return;
        await fake.settle();
        await clock.advance(ms - first);
      },
    },
    faults,
    inventory: () => Promise.resolve(fake.inventory()),
    async stranger(ref) {
      const { physicalName, resourceGroup } = placeOf(ref, subscriptionId, NAMES);
      const { untouched, remove } = await fake.stranger(physicalName, resourceGroup);
      return { untouched: async () => untouched(), remove: async () => remove() };
    },
    deadLetters(queue) {
      const stored = placesOf(fake, 'storage queue', queue).flatMap((account) =>
        world.queues.peek(account, queue).map(({ text }) => dataOf(fromBase64(text))),
      );
      const brokered = placesOf(fake, 'service bus queue', queue).flatMap((namespace) =>
        world.serviceBus.peek(namespace, queue).map(({ body }) => dataOf(JSON.parse(body))),
      );
      return Promise.resolve([...stored, ...brokered].map((data) => ({ data })));
    },
    secrets: {
      set: (name, value) => {
        world.vault.set(VAULT, secretName(name), value);
        return Promise.resolve();
      },
    },
    // Neither tags nor app settings are compared when they are written, and a removal takes identity, roles and storage one
    // after the other: no delete asks whether somebody needs it again.
    unguardedCalls: 10,
    writes: () => Promise.resolve(faults.writes),
    async signedCall(ref, input, { timeMs } = {}) {
      const { siteId } = placeOf(ref, subscriptionId, NAMES);
      const { signal } = new AbortController();
      const read = { method: 'GET', path: siteId, apiVersion: '2025-05-01', signal } as const;
      const { body } = await observer.arm(read);
      const hostName = /"defaultHostName":"([^"]+)"/.exec(JSON.stringify(body))?.[1] ?? '';
      const { doors } = await readDoors(observer, { ref, siteId, hostName }, { signal });
      const endpoint = doors[0] ?? assert.fail('no key');
      const call = signedCall(
        endpoint,
        { kind: 'invoke', data: input },
        { requestId: crypto.randomUUID(), timeMs: timeMs ?? clock.now() },
      );
      return { url: endpoint.url, method: 'POST', ...call };
    },
    async close() {
      observer.close();
      await fake.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Names of secrets are letters, digits and dashes; the adapter puts a dash for all else. */
function secretName(name: string): string {
  return name.replaceAll(/[^0-9A-Za-z-]/g, '-');
}

/** Where a thing of that kind and name is: the accounts or namespaces. */
function placesOf({ world }: AzureFake, kind: string, name: string): readonly string[] {
  return world.inventory().flatMap((line) => {
    if (!line.startsWith(`${kind} `)) return [];
    const [place = '', ...rest] = line.slice(kind.length + 1).split('/');
    return rest.join('/') === name ? [place] : [];
  });
}

function placeOfOne(fake: AzureFake, kind: string, name: string): string {
  const [place] = placesOf(fake, kind, name);
  if (place === undefined) throw new Error(`There is no ${kind} "${name}".`);
  return place;
}

async function emit(fake: AzureFake, emission: Emission): Promise<void> {
  const { world } = fake;
  if (emission.kind === 'queue') {
    const { queue, messages } = emission;
    const [namespace] = placesOf(fake, 'service bus queue', queue);
    for (const { data, attributes, group } of messages) {
      if (namespace !== undefined) {
        world.serviceBus.send(namespace, queue, JSON.stringify(data), {
          contentType: 'application/json',
          ...(attributes ? { applicationProperties: attributes } : {}),
          ...(group === undefined ? {} : { sessionId: group }),
        });
        continue;
      }
      const isPlain = attributes === undefined && group === undefined;
      const message = isPlain ? data : { [MESSAGE_MARK]: { attributes, group }, data };
      const account = placeOfOne(fake, 'storage queue', queue);
      world.queues.put(account, queue, Buffer.from(JSON.stringify(message)).toString('base64'));
    }
  } else if (emission.kind === 'topic') {
    const { topic, data, attributes, subject } = emission;
    const namespace = placeOfOne(fake, 'service bus topic', topic);
    world.serviceBus.send(namespace, topic, JSON.stringify(data), {
      contentType: 'application/json',
      ...(attributes ? { applicationProperties: attributes } : {}),
      ...(subject === undefined ? {} : { subject }),
    });
  } else if (emission.kind === 'object') {
    const { bucket, key, body, contentType } = emission;
    const account = placeOfOne(fake, 'storage container', bucket);
    if (body === undefined) world.blobs.delete(account, bucket, key);
    else world.blobs.put(account, bucket, key, Buffer.from(body), contentType);
  } else if (emission.kind === 'stream') {
    const { stream, records } = emission;
    const namespace = placeOfOne(fake, 'event hub', stream);
    for (const { partitionKey, data } of records) {
      world.eventHubs.send(namespace, stream, partitionKey, JSON.stringify(data));
    }
  } else if (emission.kind === 'table') {
    const { table, key, item } = emission;
    const [database = ''] = placesOf(fake, 'cosmos container', `polyfaas/${table}`);
    const { id } = key;
    if (typeof id !== 'string') throw new TypeError('The key of a row is its id, a text.');
    if (item === undefined) world.cosmos.delete(database, 'polyfaas', table, id);
    else world.cosmos.upsert(database, 'polyfaas', table, { ...item, ...key });
  } else {
    const { bus, source, type, data, subject } = emission;
    world.eventGrid.publish(await topicOf(fake, bus), [
      {
        specversion: '1.0',
        id: crypto.randomUUID(),
        source,
        type,
        time: new Date(world.clock.now()).toISOString(),
        datacontenttype: 'application/json',
        data,
        ...(subject === undefined ? {} : { subject }),
      },
    ]);
  }
}

/** The topic that is a bus: its name begins with that of the bus. */
async function topicOf({ world }: AzureFake, bus: string): Promise<string> {
  const readable = bus.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const { body } = await world.arm.call({
    method: 'GET',
    path: `/subscriptions/${world.subscriptionId}/resources`,
    apiVersion: '2021-04-01',
    caller: world.identity.observer,
  });
  const ids = [...JSON.stringify(body).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
  const start = `/Microsoft.EventGrid/topics/bus-${readable}`.slice(0, -1 + 29 + 'bus-'.length + 9);
  const found = ids.find((id) => id.includes(start));
  if (found === undefined) throw new Error(`There is no bus "${bus}".`);
  return found;
}

function fromBase64(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64').toString());
}

/** What a message holds, with its envelope taken off. */
function dataOf(message: unknown): JsonValue {
  const isMarked = typeof message === 'object' && message !== null && MESSAGE_MARK in message;
  const data: unknown = isMarked ? Reflect.get(message, 'data') : message;
  return isJson(data) ? data : null;
}

/** It was parsed from JSON. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}
