/**
 * AWS on 127.0.0.1: speaks each service's own wire to the vendor's own SDK, keeps its state in memory, lives in the
 * time of the clock that it is given, and really runs the functions that are uploaded.
 */
import type { ContractFaults } from 'polyfaas/contract';
import { WireFaults, type RateLimit, type Recorder } from './core/faults.ts';
import type { FakeClock } from './core/ports.ts';
import { FakeServer } from './core/server.ts';
import type { UserCredentials } from './iam/sessions.ts';
import { redrive } from './redrive.ts';
import { makeStranger, type StrangeFunction } from './stranger.ts';
import { createWorld, type FakeWorld } from './world.ts';

export type { Recorder } from './core/faults.ts';
export type { FakeWorld } from './world.ts';

export interface AwsFakeOptions {
  readonly clock: FakeClock;
  /** Default: `eu-central-1`. */
  readonly region?: string;
  /** Told of every call of the deployer that a service answered. */
  readonly recorder?: Recorder;
}

export interface AwsFake {
  readonly world: FakeWorld;
  /** Where all services answer. */
  readonly endpoint: string;
  /** Of the deployer's calls only. */
  readonly faults: ContractFaults & {
    /** How many calls of the deployer changed something. */
    readonly writes: number;
    /** Until `disarm`, calls of one operation that are too many are throttled. */
    limit(limit: RateLimit): void;
  };
  /** The deployer's: the calls that are signed with them are counted, recorded, and may go wrong. */
  readonly credentials: UserCredentials;
  /** For the tests' own calls, which nothing disturbs. */
  readonly observer: UserCredentials;
  /** Makes a function of that name that belongs to somebody else. */
  stranger(functionName: string): Promise<StrangeFunction>;
  /** Sends what a dead-letter queue holds back where it came from; tells how many messages that were. */
  redrive(queue: string): Promise<number>;
  /** A line for every resource that outlives a call. */
  inventory(): readonly string[];
  /** Resolves when nothing is under way that need not wait for the clock. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Pauses between two looks at what is under way. */
const LOOK_MS = 5;

export async function createAwsFake(options: AwsFakeOptions): Promise<AwsFake> {
  const faults = new WireFaults(() => options.clock.now(), options.recorder);
  const server = await FakeServer.start({
    authenticate: (accessKeyId, token) => world.iam.authenticate(accessKeyId, token),
    intercept: (exchange) =>
      exchange.accessKeyId === credentials.accessKeyId ? faults.pass(exchange) : exchange.act(),
  });
  const world = createWorld({
    clock: options.clock,
    endpoint: server.endpoint,
    ...(options.region !== undefined && { region: options.region }),
  });
  const credentials = world.iam.user('deployer');
  const observer = world.iam.user('observer');
  for (const service of world.services) server.add(service);

  return {
    world,
    endpoint: server.endpoint,
    faults,
    credentials,
    observer,
    stranger: (functionName) => makeStranger(world, functionName),
    redrive: (queue) => redrive(world, queue),
    inventory: () => world.inventory(),
    async settle() {
      // What ends may begin something else: it must be quiet twice.
      for (let quiet = 0; quiet < 2; quiet += 1) {
        if (world.work.active > 0 || world.mappings.busy()) quiet = -1;
        await world.work.idle();
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    stop: () => server.stop(),
  };
}
