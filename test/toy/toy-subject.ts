/** The toy cloud as a subject of the contract. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import type { ContractSubject } from 'polyfaas/contract';
import { ManualClock } from 'polyfaas/local';
import { physicalName, type ServerlessProvider } from 'polyfaas/spi';
import { TOY_CAPABILITIES } from './capabilities.ts';
import { ToyCloud } from './cloud.ts';
import { ToyFaults } from './faults.ts';
import { createToyProvider, type Send, type ToyObserved } from './provider.ts';

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
  const faults = new ToyFaults();

  return {
    async manager(config, variation) {
      const born = faults.life;
      const send: Send = (changes, act) => faults.send(born, changes, act);
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
    faults,
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
    writes: () => Promise.resolve(faults.writes),
    async close() {
      await cloud.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
