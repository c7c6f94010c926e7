/**
 * Vercel as a subject of the contract: the adapter with the vendor's own client on one side, and a fake of the services on
 * the other, on a clock that waiting moves.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import { MESSAGE_MARK, messageHeadOf, type JsonValue } from 'polyfaas/function';
import { parseDirectKeys } from 'polyfaas/http';
import { signedCall, type FunctionRef, type ServerlessProvider } from 'polyfaas/spi';
import { createVercelProvider } from 'polyfaas/vercel';
import { DIRECT_PATH, VARIABLE } from '../../providers/vercel/manifest.ts';
import { projectName, secretVariable } from '../../providers/vercel/names.ts';
import type { VercelOptions } from '../../providers/vercel/options.ts';
import { at, textOf } from '../fakes/vercel/core/json.ts';
import { createVercelFake, type VercelFake } from '../fakes/vercel/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

const REGION = 'fra1';
/** What happens takes real time, in which the platform's stands still: deliveries, and retries of them, one by one. */
const STEP_MS = 5_000;
const MOST_STEPS = 100;

/** @param options of the provider, beside where the fake is. Default: with Vercel Queues. */
export async function makeVercelSubject(
  options: VercelOptions = { queues: 'beta' },
): Promise<ContractSubject> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const fake = await createVercelFake({ clock });
  const { world, faults } = fake;
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-contract-vercel-'));

  return {
    async manager(config, variation): Promise<ServerlessManager> {
      const limit = variation?.artifactLimitBytes;
      return createServerlessManager(
        {
          root,
          ...config,
          region: REGION,
          providerOptions: {
            vercel: {
              token: world.tokens.deployer,
              team: world.teamId,
              endpoints: { api: world.api, queue: world.queues.endpoint },
              ...options,
            },
          },
        },
        {
          clock: waiting,
          log: variation?.log,
          provider: (parts): ServerlessProvider => {
            const provider = createVercelProvider(parts);
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
      const { untouched, remove } = await fake.stranger(projectName(ref));
      return { untouched: async () => untouched(), remove: async () => remove() };
    },
    deadLetters(queue) {
      const dead = world.projects
        .producing()
        .flatMap(({ projectId }) => world.queues.peek(projectId, queue))
        .map(({ payload }) => ({ data: dataOf(payload) }));
      return Promise.resolve(dead);
    },
    secrets: {
      set: (name, value) => {
        world.projects.setSharedVariable(secretVariable(name), value);
        return Promise.resolve();
      },
    },
    writes: () => Promise.resolve(faults.writes),
    async signedCall(ref, input, { timeMs } = {}) {
      const { url, key, bypass } = await callerOf(fake, ref);
      const endpoint = {
        url: `${url}${DIRECT_PATH}`,
        headers: { 'x-vercel-protection-bypass': bypass },
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
async function callerOf({ world }: VercelFake, ref: FunctionRef) {
  const read = async (path: string): Promise<unknown> => {
    const { body } = await world.call({ method: 'GET', path });
    return body;
  };
  const project = await read(`/v9/projects/${projectName(ref)}`);
  const projectId = textOf(at(project, 'id'));
  const aliases = at(project, 'targets', 'production', 'alias');
  const [host] = Array.isArray(aliases) ? aliases : [];
  const listed = at(await read(`/v10/projects/${projectId}/env`), 'envs');
  const variables: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const keys = variables.find((one) => at(one, 'key') === VARIABLE.invokeKeys);
  const decrypted = await read(`/v1/projects/${projectId}/env/${textOf(at(keys, 'id'))}`);
  const [key] = parseDirectKeys(textOf(at(decrypted, 'value')));
  if (key === undefined) throw new Error(`"${ref.name}" has no key.`);
  const [bypass = ''] = world.projects.bypassSecretsOf(projectId);
  return { url: `http://${textOf(host)}`, key, bypass };
}

/**
 * Topics belong to projects: who produces for several functions sends into the project of each. Those that have no trigger
 * for the topic keep it for later.
 */
async function emit({ world }: VercelFake, emission: Emission): Promise<void> {
  const sendToAll = (topic: string, payload: JsonValue): void => {
    const bytes = Buffer.from(JSON.stringify(payload));
    for (const { projectId } of world.projects.producing()) {
      world.queues.send(projectId, topic, bytes);
    }
  };
  if (emission.kind === 'queue') {
    for (const { data, attributes, group } of emission.messages) {
      sendToAll(emission.queue, enveloped(data, { attributes, group }));
    }
  } else if (emission.kind === 'topic') {
    const { topic, data, subject } = emission;
    const attributes =
      subject === undefined ? emission.attributes : { ...emission.attributes, subject };
    sendToAll(topic, enveloped(data, { attributes }));
  } else {
    throw new TypeError(`Vercel has no events of the kind "${emission.kind}".`);
  }
}

/** The data alone, unless there is more than that. */
function enveloped(
  data: JsonValue,
  head: {
    readonly attributes: Readonly<Record<string, string>> | undefined;
    readonly group?: string | undefined;
  },
): JsonValue {
  const { attributes, group } = head;
  if (attributes === undefined && group === undefined) return data;
  return {
    [MESSAGE_MARK]: {
      ...(attributes && { attributes }),
      ...(group !== undefined && { group }),
    },
    data,
  };
}

/** What a message holds, with its envelope taken off. */
function dataOf(payload: Buffer): JsonValue {
  const message: JsonValue = JSON.parse(payload.toString('utf8'));
  if (messageHeadOf(message) === undefined) return message;
  const data: unknown = at(message, 'data');
  return isJson(data) ? data : null;
}

/** It was parsed from JSON. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}
