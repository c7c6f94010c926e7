/**
 * Google Cloud on 127.0.0.1: speaks the REST wire of each API to the vendor's own clients, keeps its state in memory,
 * lives in the time of the clock that it is given, and really runs the sources that are uploaded.
 */
import type { GoogleAuth } from 'google-auth-library';
import type { ContractFaults } from 'polyfaas/contract';
import { WireFaults, type Recorder } from './core/faults.ts';
import type { FakeClock, World } from './core/ports.ts';
import { makeStranger, type StrangeFunction } from './stranger.ts';
import { createWorld, type FakeWorld } from './world.ts';

export type { Recorder } from './core/faults.ts';
export type { StrangeFunction } from './stranger.ts';
export type { FakeWorld } from './world.ts';

export interface GcpFakeOptions {
  /** With `advance`, `stranger` moves it by itself; else it waits until somebody does. */
  readonly clock: FakeClock & { advance?(ms: number): Promise<void> };
  /** Default: `europe-west1`. */
  readonly location?: string;
  /** Told of every call of the deployer that a plane answered. */
  readonly recorder?: Recorder;
}

export interface GcpFake {
  readonly world: FakeWorld;
  /** Where each API answers: `http://127.0.0.1:PORT`. */
  readonly endpoints: World['endpoints'];
  /** Where the public keys of ID tokens are. */
  readonly certificates: string;
  readonly projectId: string;
  readonly projectNumber: string;
  /** Of the deployer's calls only. */
  readonly faults: ContractFaults & {
    /** How many calls of the deployer changed something. */
    readonly writes: number;
    /** Resolves when none of them is being answered; those that take long are not waited for. */
    answered(): Promise<void>;
  };
  /** The deployer's: calls with its tokens are counted, recorded, and may go wrong. */
  readonly auth: GoogleAuth;
  /** For the tests' own calls, which nothing disturbs. */
  readonly observer: GoogleAuth;
  /** Makes a function of that id that belongs to somebody else. Takes simulated time. */
  stranger(functionId: string): Promise<StrangeFunction>;
  /** A line for every resource that outlives a call, sorted. */
  inventory(): readonly string[];
  /** Resolves when nothing is under way that need not wait for the clock. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Pauses between two looks at what is under way. */
const LOOK_MS = 5;

export async function createGcpFake(options: GcpFakeOptions): Promise<GcpFake> {
  const { clock } = options;
  const faults = new WireFaults(options.recorder);
  const world = await createWorld({
    clock,
    intercept: (exchange) => faults.pass(exchange),
    ...(options.location !== undefined && { location: options.location }),
  });
  const { identity } = world;

  return {
    world,
    endpoints: world.endpoints,
    certificates: identity.certificates,
    projectId: world.projectId,
    projectNumber: world.projectNumber,
    faults,
    auth: identity.authOf(identity.deployer),
    observer: identity.authOf(identity.observer),
    stranger: (functionId) => makeStranger(world, { functionId, pass: (ms) => pass(clock, ms) }),
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

async function pass(clock: GcpFakeOptions['clock'], ms: number): Promise<void> {
  if (clock.advance) return clock.advance(ms);
  return new Promise((resolve) => void clock.after(ms, resolve));
}
