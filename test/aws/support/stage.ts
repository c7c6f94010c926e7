/** A manager over the fake of AWS, with everything that it says on the wire. */
import { createServerlessManager, type PolyfaasConfig } from 'polyfaas';
import { createAwsProvider } from 'polyfaas/aws';
import type { ServerlessManager } from 'polyfaas/contract';
import { createAwsFake, type AwsFake } from '../../fakes/aws/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT = '123456789012';

/** One call of the deployer that a service answered. */
export interface WireCall {
  readonly service: string;
  readonly operation: string;
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly status: number;
}

export interface Stage extends AsyncDisposable {
  readonly fake: AwsFake;
  readonly clock: ManualClock;
  /** Every call so far, oldest first. */
  readonly calls: readonly WireCall[];
  /** The options of AWS are added to those of the endpoint and the deployer's credentials, and may replace them. */
  manager(
    config?: PolyfaasConfig,
    /** Told of what the library warns of. */
    warned?: (message: string) => void,
  ): Promise<ServerlessManager>;
  /** `service:Operation` of each call that was answered while `work` ran, in order. */
  during(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** Lets time pass until it holds. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

const STEP_MS = 5000;
const MOST_STEPS = 200;

export async function createStage(): Promise<Stage> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const calls: WireCall[] = [];
  const fake = await createAwsFake({
    clock,
    region: REGION,
    recorder: (service, operation, request, reply) => {
      const { method, path, query, body } = request;
      calls.push({
        service,
        operation,
        method,
        path,
        query: query.toString(),
        body: service === 's3' && operation === 'PutObject' ? '' : body.toString('utf8'),
        status: reply.status,
      });
    },
  });
  const managers: ServerlessManager[] = [];
  return {
    fake,
    clock,
    calls,
    async manager(config = {}, warned = () => {}) {
      const manager = await createServerlessManager(
        {
          app: 'shop',
          stage: 'dev',
          region: 'eu-central',
          ...config,
          providerOptions: {
            aws: {
              endpoint: fake.endpoint,
              credentials: fake.credentials,
              ...config.providerOptions?.aws,
            },
          },
        },
        {
          clock: waiting,
          provider: createAwsProvider,
          log: {
            log(level, message) {
              if (level === 'warn') warned(message);
            },
          },
        },
      );
      managers.push(manager);
      return manager;
    },
    async during(work) {
      const from = calls.length;
      await work();
      return calls.slice(from).map(({ service, operation }) => `${service}:${operation}`);
    },
    async until(what, holds) {
      for (let step = 0; step < MOST_STEPS; step += 1) {
        await fake.settle();
        if (await holds()) return;
        await clock.advance(STEP_MS);
      }
      throw new Error(`It did not come to be that ${what}`);
    },
    async [Symbol.asyncDispose]() {
      for (const manager of managers) await manager.close();
      await fake.stop();
    },
  };
}
