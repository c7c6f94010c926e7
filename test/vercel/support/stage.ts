/** A manager over the fake of Vercel, with everything that it says on the wire. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import type { ProviderFactory } from 'polyfaas/spi';
import { createVercelProvider } from 'polyfaas/vercel';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';
import { shortCall } from './short-call.ts';

export const REGION = 'fra1';

/** One call of the deployer that was answered. */
export interface WireCall {
  /** `api`, or the name of a plane that was opened. */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly path: string;
  readonly status: number;
  /** What was sent. */
  readonly body: Buffer;
}

export interface Stage extends AsyncDisposable {
  readonly fake: VercelFake;
  readonly clock: ManualClock;
  /** Where declarations are relative to. */
  readonly root: string;
  /** Every call so far, oldest first. */
  readonly calls: readonly WireCall[];
  /** The options of Vercel are added to those of the endpoints and the deployer's token, and may replace them. */
  manager(config?: PolyfaasConfig, provider?: ProviderFactory): Promise<ServerlessManager>;
  /** Each call that was answered while `work` ran, in order, in few words: see {@link shortCall}. */
  during(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** Lets time pass until it holds. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

const STEP_MS = 5000;
const MOST_STEPS = 200;

export async function createStage(): Promise<Stage> {
  // Instances live in the machine's own time, and look at the time of what is signed.
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const calls: WireCall[] = [];
  const fake = await createVercelFake({
    clock,
    recorder: (plane, method, path, status, body) =>
      void calls.push({ plane, method, path, status, body }),
  });
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-'));
  const managers: ServerlessManager[] = [];
  return {
    fake,
    clock,
    root,
    calls,
    async manager(config = {}, provider = createVercelProvider) {
      const manager = await createServerlessManager(
        {
          app: 'shop',
          stage: 'dev',
          region: REGION,
          root,
          ...config,
          providerOptions: {
            vercel: {
              token: fake.token,
              team: fake.teamId,
              endpoints: { api: fake.api, queue: fake.queueEndpoint },
              queues: 'beta',
              ...config.providerOptions?.vercel,
            },
          },
        },
        { clock: waiting, provider },
      );
      managers.push(manager);
      return manager;
    },
    async during(work) {
      const from = calls.length;
      await work();
      return calls.slice(from).map(shortCall);
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
      await rm(root, { recursive: true, force: true });
    },
  };
}
