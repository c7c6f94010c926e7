/** Two small clouds behind one manager; each can be cut off. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createServerlessManager,
  type ManagerOptions,
  type PolyfaasConfig,
  type ServerlessManager,
} from 'polyfaas';
import type { ServerlessProvider } from 'polyfaas/spi';
import { ManualClock } from '../../support/manual-clock.ts';
import { ToyCloud, ToyError } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';

export interface Platform {
  /** Calls to it fail from now on; nobody knows whether they were heard. */
  dead: boolean;
  /** These credentials may invoke, and do nothing else. */
  invokeOnly: boolean;
  /** It refuses every declaration. */
  refuses: boolean;
  /** What its functions do instead of answering, if anything. */
  instead: ((signal: AbortSignal) => Promise<never>) | undefined;
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

export async function pairOfClouds(
  config: Partial<PolyfaasConfig> = {},
  options: Pick<ManagerOptions, 'log'> = {},
): Promise<Pair> {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-targets-'));
  const clock = new ManualClock(Date.now());
  const platform = (): Platform => ({
    dead: false,
    invokeOnly: false,
    refuses: false,
    instead: undefined,
    calls: 0,
  });
  const [aws, gcp] = [platform(), platform()];
  const factory = (name: string, state: Platform) => {
    const cloud = new ToyCloud(join(root, name), clock);
    const reach = async <Value>(act: () => Value | Promise<Value>): Promise<Value> => {
      state.calls += 1;
      if (state.dead) throw new ToyError('UNAVAILABLE', `${name} does not answer`);
      return act();
    };
    const provider = createToyProvider(cloud, (_changes, act) =>
      reach(() => {
        if (state.invokeOnly) throw new ToyError('PERMISSION_DENIED', `${name} lets you invoke`);
        return act();
      }),
    );
    return (): ServerlessProvider => ({
      ...provider,
      validate: (spec) =>
        state.refuses
          ? [{ path: `functions.${spec.name}.memoryMb`, message: `${name} has no such memory.` }]
          : provider.validate(spec),
      invoke: (ref, request, context) =>
        reach(() => state.instead?.(context.signal) ?? provider.invoke(ref, request, context)),
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
    { ...options, clock, providers: { aws: factory('aws', aws), gcp: factory('gcp', gcp) } },
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
