/**
 * Google Cloud as a subject of the contract: the adapter with the vendor's own client on one side, and a fake of the
 * services on the other, on a clock that waiting moves.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import type { JsonValue } from 'polyfaas/function';
import { createGcpProvider } from 'polyfaas/gcp';
import { parseDirectKeys } from 'polyfaas/http';
import { signedCall, type FunctionRef, type ServerlessProvider } from 'polyfaas/spi';
import { DIRECT_PATH } from '../../providers/gcp/manifest.ts';
import { functionId } from '../../providers/gcp/names.ts';
import { placeOf } from '../../providers/gcp/place.ts';
import type { GcpOptions } from '../../providers/gcp/options.ts';
import { createGcpFake, type GcpFake } from '../fakes/gcp/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

const REGION = 'europe-west1';
/** What happens takes real time, in which the platform's stands still: deliveries, and retries of them, one by one. */
const STEP_MS = 5_000;
const MOST_STEPS = 100;

/** @param options of the provider, beside where the fake is. */
export async function makeGcpSubject(options: GcpOptions = {}): Promise<ContractSubject> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const fake = await createGcpFake({ clock, location: REGION });
  const { world, faults, projectId } = fake;
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-contract-gcp-'));

  return {
    async manager(config, variation): Promise<ServerlessManager> {
      const limit = variation?.artifactLimitBytes;
      return createServerlessManager(
        {
          root,
          ...config,
          region: REGION,
          providerOptions: {
            gcp: {
              projectId,
              auth: fake.auth,
              endpoints: { ...fake.endpoints, certificates: fake.certificates },
              ...options,
            },
          },
        },
        {
          clock: waiting,
          log: variation?.log,
          provider: (parts): ServerlessProvider => {
            const provider = createGcpProvider(parts);
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
        const step = Math.max(STEP_MS, ms / MOST_STEPS);
        for (let left = ms; left > 0; left -= step) {
          await faults.answered();
          await clock.advance(Math.min(left, step));
          // Looking whether all is quiet takes longer than most steps.
          const isBusy = world.work.active > 0 || world.busy();
          if (left > step && isBusy) await fake.settle();
        }
      },
    },
    faults,
    inventory: () => Promise.resolve(fake.inventory()),
    async stranger(ref) {
      const { untouched, remove } = await fake.stranger(functionId(ref));
      return { untouched: async () => untouched(), remove: async () => remove() };
    },
    deadLetters(queue) {
      const messages = world.pubsub.peek(`projects/${projectId}/subscriptions/${queue}`);
      return Promise.resolve(messages.map(({ data }) => ({ data: jsonIn(data) })));
    },
    secrets: {
      set: (name, value) => {
        world.secrets.set(`projects/${projectId}/secrets/${name.replaceAll(/[/.]/g, '-')}`, value);
        return Promise.resolve();
      },
    },
    writes: () => Promise.resolve(faults.writes),
    async signedCall(ref, input, { timeMs } = {}) {
      const { url, token, key } = await callerOf(fake, ref);
      const endpoint = {
        url: `${url}${DIRECT_PATH}`,
        headers: { authorization: `Bearer ${token}` },
        key,
        functionId: `${ref.app}/${ref.stage}/${ref.name}`,
      };
      const call = signedCall(
        endpoint,
        { kind: 'invoke', data: input },
        { requestId: crypto.randomUUID(), timeMs: timeMs ?? clock.now() },
      );
      return { url: endpoint.url, method: 'POST', ...call };
    },
    async close() {
      await fake.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What somebody with the deployer's credentials reads to make a call by hand. */
async function callerOf({ world, projectId }: GcpFake, ref: FunctionRef) {
  const id = functionId(ref);
  const url = world.run.urlOf(`projects/${projectId}/locations/${REGION}/services/${id}`) ?? '';
  const deployer = { kind: 'deployer', email: 'any' } as const;
  const place = placeOf(ref, { projectId, location: REGION }, { functionIds: {} });
  const secret = place.settingsSecret;
  const settings = world.secrets.access(secret, 'latest', deployer);
  const text = 'value' in settings ? settings.value.toString('utf8') : '{}';
  const [, keys = ''] = /"keys":"([^"]+)"/.exec(text) ?? [];
  const [key] = parseDirectKeys(keys);
  if (key === undefined) throw new Error(`"${ref.name}" has no key.`);
  return { url, key, token: await world.identity.idToken(world.identity.deployer.email, url) };
}

async function emit({ world, projectId }: GcpFake, emission: Emission): Promise<void> {
  const topicOf = (name: string): string => `projects/${projectId}/topics/${name}`;
  if (emission.kind === 'queue') {
    for (const { data, attributes = {}, group } of emission.messages) {
      world.pubsub.publish(topicOf(emission.queue), [
        { data: bytesOf(data), attributes, ...(group === undefined ? {} : { orderingKey: group }) },
      ]);
    }
  } else if (emission.kind === 'topic') {
    const { topic, data, attributes = {}, subject } = emission;
    const all = { ...attributes, ...(subject === undefined ? {} : { subject }) };
    world.pubsub.publish(topicOf(topic), [{ data: bytesOf(data), attributes: all }]);
  } else if (emission.kind === 'object') {
    const { bucket, key, body, contentType } = emission;
    if (body === undefined) world.storage.delete(bucket, key);
    else world.storage.put(bucket, key, Buffer.from(body), contentType);
  } else if (emission.kind === 'table') {
    const { table, key, item } = emission;
    const { id } = key;
    if (typeof id !== 'string') throw new TypeError('The key of a row is its id, a text.');
    const path = `${table}/${id}`;
    if (item === undefined) world.firestore.delete('(default)', path);
    else world.firestore.set('(default)', path, item);
  } else if (emission.kind === 'bus') {
    const { bus, source, type, data, subject } = emission;
    world.pubsub.publish(topicOf(bus), [
      {
        data: bytesOf(data),
        attributes: {
          'ce-specversion': '1.0',
          'ce-id': crypto.randomUUID(),
          'ce-source': source,
          'ce-type': type,
          'ce-time': new Date(world.clock.now()).toISOString(),
          ...(subject === undefined ? {} : { 'ce-subject': subject }),
        },
      },
    ]);
  } else {
    throw new TypeError('Google Cloud has no streams.');
  }
}

function bytesOf(data: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(data));
}

function jsonIn(bytes: Buffer): JsonValue {
  try {
    const value: JsonValue = JSON.parse(bytes.toString('utf8'));
    return value;
  } catch {
    // A change of a table is kept as it came: in protocol buffers.
    return bytes.toString('base64');
  }
}
