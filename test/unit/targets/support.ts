/** Two small clouds behind one manager; each can be cut off. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type PolyfaasConfig, type ServerlessManager } from 'polyfaas';
import type { ServerlessProvider } from 'polyfaas/spi';
import { ManualClock } from '../../support/manual-clock.ts';
import { ToyCloud, ToyError } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';

export interface Platform {
  /** Calls to it fail from now on; nobody knows whether they were heard. */
  dead: boolean;
  /** Calls that reached it, or tried to. */
  calls: number;
}

export interface Pair {
  readonly manager: ServerlessManager;
  readonly clock: ManualClock;
  readonly aws: Platform;
  readonly gcp: Platform;
  close(): Promise<void>;
}

export async function pairOfClouds(config: Partial<PolyfaasConfig> = {}): Promise<Pair> {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-targets-'));
  const clock = new ManualClock(Date.now());
  const platform = (): Platform => ({ dead: false, calls: 0 });
  const [aws, gcp] = [platform(), platform()];
  const factory = (name: string, state: Platform) => {
    const cloud = new ToyCloud(join(root, name), clock);
    const reach = async <Value>(act: () => Value | Promise<Value>): Promise<Value> => {
      state.calls += 1;
      if (state.dead) throw new ToyError('UNAVAILABLE', `${name} does not answer`);
      return act();
    };
    const provider = createToyProvider(cloud, (_changes, act) => reach(act));
    return (): ServerlessProvider => ({
      ...provider,
      invoke: (...call) => reach(() => provider.invoke(...call)),
    });
  };
  const manager = await createServerlessManager(
    {
      app: 'shop',
      stage: 'test',
      root,
      targets: ['aws', 'gcp'],
      limits: { maxAttempts: 1 },
      functions: {
        echo: { source: 'export default async (input) => ({ got: input });', handles: ['invoke'] },
      },
      ...config,
    },
    { clock, providers: { aws: factory('aws', aws), gcp: factory('gcp', gcp) } },
  );
  return {
    manager,
    clock,
    aws,
    gcp,
    async close() {
      await manager.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
