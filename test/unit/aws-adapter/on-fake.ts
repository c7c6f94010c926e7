/** A manager over the fake of AWS, and the calls that it makes, by name. */
import { createServerlessManager, type PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { createAwsProvider } from 'polyfaas/aws';
import { createAwsFake, type AwsFake } from '../../fakes/aws/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export interface OnFake extends AsyncDisposable {
  readonly fake: AwsFake;
  readonly clock: ManualClock;
  manager(config: PolyfaasConfig): Promise<ServerlessManager>;
  /** What the library warned of, oldest first. */
  readonly warnings: readonly string[];
  /** The calls that were answered while `work` ran, in their order. */
  calls(work: () => Promise<unknown>): Promise<readonly string[]>;
}

export async function onFake(): Promise<OnFake> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const seen: string[] = [];
  const warnings: string[] = [];
  const fake = await createAwsFake({
    clock,
    recorder: (service, operation) => void seen.push(`${service}:${operation}`),
  });
  const managers: ServerlessManager[] = [];
  return {
    fake,
    clock,
    warnings,
    async manager(config) {
      const manager = await createServerlessManager(
        {
          app: 'shop',
          stage: 'dev',
          region: 'eu-central',
          ...config,
          providerOptions: {
            ...config.providerOptions,
            aws: {
              ...config.providerOptions?.aws,
              endpoint: fake.endpoint,
              credentials: fake.credentials,
            },
          },
        },
        {
          clock: waiting,
          provider: createAwsProvider,
          log: {
            log(level, message) {
              if (level === 'warn') warnings.push(message);
            },
          },
        },
      );
      managers.push(manager);
      return manager;
    },
    async calls(work) {
      const from = seen.length;
      await work();
      return seen.slice(from);
    },
    async [Symbol.asyncDispose]() {
      for (const manager of managers) await manager.close();
      await fake.stop();
    },
  };
}
