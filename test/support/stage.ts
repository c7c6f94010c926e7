/** A manager over a fake of a cloud, with everything that it says on the wire. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import type { ProviderFactory } from 'polyfaas/spi';
import { ManualClock } from './manual-clock.ts';
import { sharePackages } from './shared-packages.ts';
import { WaitingClock } from './waiting-clock.ts';

export interface CloudStage<Fake, Call> extends AsyncDisposable {
  readonly fake: Fake;
  readonly clock: ManualClock;
  /** Where declarations are relative to. */
  readonly root: string;
  /** Every call so far, oldest first. */
  readonly calls: readonly Call[];
  /** The options of the cloud are added to those of the endpoints and the deployer's credentials, and may replace them. */
  manager(config?: PolyfaasConfig, provider?: ProviderFactory): Promise<ServerlessManager>;
  /** Each call that was answered while `work` ran, in order, in few words. */
  during(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** Lets time pass until it holds. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

type ProviderOptions = PolyfaasConfig['providerOptions'];

/** What a stage needs of a fake. */
interface StagedFake {
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface StageParts<Fake, Call> {
  /** What its folders are called by. */
  readonly cloud: string;
  readonly region: string;
  readonly provider: ProviderFactory;
  /** @param note told of each call of the deployer, once it is answered */
  fake(clock: ManualClock, note: (call: Call) => void): Promise<Fake>;
  /** Endpoints and credentials, and then what is given. */
  options(fake: Fake, given: NonNullable<ProviderOptions>): NonNullable<ProviderOptions>;
  shortCall(call: Call): string;
}

const STEP_MS = 5000;
const MOST_STEPS = 200;

export async function createCloudStage<Fake extends StagedFake, Call>(
  parts: StageParts<Fake, Call>,
): Promise<CloudStage<Fake, Call>> {
  const { cloud, region, shortCall } = parts;
  // Instances live in the machine's own time, and look at the time of what is signed.
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const calls: Call[] = [];
  const fake = await parts.fake(clock, (call) => void calls.push(call));
  const root = await mkdtemp(join(tmpdir(), `polyfaas-${cloud}-`));
  sharePackages(root);
  const managers: ServerlessManager[] = [];
  return {
    fake,
    clock,
    root,
    calls,
    async manager(config = {}, provider = parts.provider) {
      const providerOptions = parts.options(fake, config.providerOptions ?? {});
      const manager = await createServerlessManager(
        { app: 'shop', stage: 'dev', region, root, ...config, providerOptions },
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
