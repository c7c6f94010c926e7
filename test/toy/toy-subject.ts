/** The toy cloud as a subject of the contract. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import type { ContractSubject, FaultKind } from 'polyfaas/contract';
import { physicalName, type ServerlessProvider } from 'polyfaas/spi';
import { Interruptions } from '../fakes/shared/wire/interruption.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { TOY_CAPABILITIES } from './capabilities.ts';
import { ToyCloud, ToyError } from './cloud.ts';
import { createToyProvider, type ToyObserved } from './provider.ts';

/** Makes of the right adapter another one. */
export type Spoil = (provider: ToyProvider, cloud: ToyCloud) => ToyProvider;
export type ToyProvider = ServerlessProvider<ToyObserved>;

/**
 * @param spoil makes the adapter a wrong one
 * @param packagingRoot where bundles are kept; several subjects may share one
 */
export async function makeToySubject(
  spoil: Spoil = (provider) => provider,
  packagingRoot?: string,
): Promise<ContractSubject> {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-toy-'));
  const clock = new ManualClock(Date.now());
  const cloud = new ToyCloud(root, clock);
  const interruptions = new Interruptions();
  let writes = 0;
  let calls = 0;
  let armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  let life = 0;
  let dead = -1;

  return {
    async manager(config, variation) {
      const born = life;
      const send = async <Value>(
        changes: boolean,
        act: () => Value | Promise<Value>,
      ): Promise<Value> => {
        if (born <= dead) throw new ToyError('UNAVAILABLE', 'this process is dead');
        const kind = calls === armed?.at ? armed.kind : undefined;
        const call = calls;
        calls += 1;
        await interruptions.before(call);
        if (kind === 'crash') {
          dead = life;
          life += 1;
        }
        if (kind === 'hang') return new Promise<Value>(() => {});
        if (kind === '429') throw new ToyError('RATE_LIMITED', 'slow down');
        if (kind !== undefined && kind !== 'lost-reply')
          throw new ToyError('UNAVAILABLE', `a ${kind}`);
        const value = await act();
        if (changes) writes += 1;
        if (kind === 'lost-reply') throw new ToyError('UNAVAILABLE', 'the reply was lost');
        return value;
      };
      const provider = spoil(createToyProvider(cloud, send), cloud);
      return createServerlessManager(
        { root: packagingRoot ?? root, ...config },
        { provider: () => provider, clock, log: variation?.log },
      );
    },
    async emit(emission) {
      if (emission.kind === 'queue') {
        for (const { data, attributes } of emission.messages) {
          cloud.deliveries.send(`queue/${emission.queue}`, data, attributes);
        }
      } else if (emission.kind === 'topic') {
        const { topic, data, attributes = {}, subject } = emission;
        cloud.deliveries.fanOut(topic, { data, attributes }, subject);
      } else {
        throw new Error(`the toy cloud has no ${emission.kind}`);
      }
    },
    settle: () => cloud.deliveries.settle(),
    clock,
    faults: {
      async count(work) {
        const before = calls;
        await work();
        return calls - before;
      },
      arm: ({ call, kind }) => {
        armed = { at: calls + call, kind };
      },
      interrupt: (meanwhile) => interruptions.set(meanwhile, calls),
      disarm: () => {
        armed = undefined;
        interruptions.clear();
      },
    },
    inventory: () =>
      Promise.resolve(
        [...cloud.functions].flatMap(([name, { versions }]) => [
          name,
          ...versions.map(({ version }) => `${name} version ${version}`),
        ]),
      ),
    async stranger(ref) {
      const name = physicalName(ref, TOY_CAPABILITIES.names.function);
      const made = cloud.create(name, null);
      const { revision } = made;
      return {
        untouched: () =>
          Promise.resolve(cloud.functions.get(name) === made && made.revision === revision),
        remove: async () => void cloud.functions.delete(name),
      };
    },
    deadLetters: (queue) => Promise.resolve(cloud.deliveries.waiting(queue)),
    secrets: { set: async (name, value) => void cloud.secrets.set(name, value) },
    writes: () => Promise.resolve(writes),
    async close() {
      await cloud.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
