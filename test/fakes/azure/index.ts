/**
 * Azure on 127.0.0.1: speaks the wire of Resource Manager and of each data plane to the vendor's own SDKs, keeps its
 * state in memory, lives in the time of the clock that it is given, and really runs the packages that are published.
 */
import type { ContractFaults } from 'polyfaas/contract';
import { WireFaults, type Recorder } from './core/faults.ts';
import type { FakeCredential } from './core/identity.ts';
import type { FakeClock } from './core/ports.ts';
import { redrive } from './redrive.ts';
import { makeStranger, type StrangeSite } from './stranger.ts';
import { createWorld, type FakeWorld } from './world.ts';

export type { Recorder } from './core/faults.ts';
export type { FakeCredential } from './core/identity.ts';
export type { StrangeSite } from './stranger.ts';
export type { FakeWorld } from './world.ts';

export interface AzureFakeOptions {
  /** With `advance`, `stranger` moves it by itself; else it waits until somebody does. */
  readonly clock: FakeClock & { advance?(ms: number): Promise<void> };
  /** Default: `westeurope`. */
  readonly location?: string;
  /** Told of every call of the deployer that a plane answered. */
  readonly recorder?: Recorder;
}

export interface AzureFake {
  readonly world: FakeWorld;
  /** Where Resource Manager answers. */
  readonly endpoint: string;
  readonly subscriptionId: string;
  /** Of the deployer's calls only. */
  readonly faults: ContractFaults & {
    /** How many calls of the deployer changed something. */
    readonly writes: number;
  };
  /** The deployer's: calls with its tokens are counted, recorded, and may go wrong. */
  readonly credential: FakeCredential;
  /** For the tests' own calls, which nothing disturbs. */
  readonly observer: FakeCredential;
  /**
   * Makes a site of that name, on Flex Consumption, that belongs to somebody else. Takes simulated time.
   *
   * @param resourceGroup where; made when it is not there. Default: `strangers`
   */
  stranger(siteName: string, resourceGroup?: string): Promise<StrangeSite>;
  /** Sends what a dead-letter queue holds back where it came from; tells how many messages that were. */
  redrive(queue: string): Promise<number>;
  /** A line for every resource that outlives a call, sorted. */
  inventory(): readonly string[];
  /** Resolves when nothing is under way that need not wait for the clock. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Pauses between two looks at what is under way. */
const LOOK_MS = 5;

export async function createAzureFake(options: AzureFakeOptions): Promise<AzureFake> {
  const faults = new WireFaults(options.recorder);
  const world = await createWorld({
    clock: options.clock,
    intercept: (exchange) => faults.pass(exchange),
    ...(options.location !== undefined && { location: options.location }),
  });
  const { identity } = world;

  return {
    world,
    endpoint: world.endpoint,
    subscriptionId: world.subscriptionId,
    faults,
    credential: identity.credentialOf(identity.deployer),
    observer: identity.credentialOf(identity.observer),
    stranger: (siteName, resourceGroup = 'strangers') =>
      makeStranger(world, { siteName, resourceGroup, pass: (ms) => pass(options.clock, ms) }),
    redrive: (queue) => Promise.resolve(redrive(world, queue)),
    inventory: () => world.inventory(),
    async settle() {
      // What ends may begin something else: it must be quiet twice.
      for (let quiet = 0; quiet < 2; quiet += 1) {
        if (world.work.active > 0 || world.busy()) quiet = -1;
        await world.work.idle();
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    stop: () => world.stop(),
  };
}

async function pass(clock: AzureFakeOptions['clock'], ms: number): Promise<void> {
  if (clock.advance) return clock.advance(ms);
  return new Promise((resolve) => void clock.after(ms, resolve));
}
