/**
 * Vercel on 127.0.0.1: speaks the REST wire to the vendor's own client, keeps its state in memory, lives in the time of
 * the clock that it is given, and really runs the functions that are uploaded.
 */
import type { ContractFaults } from 'polyfaas/contract';
import { WireFaults, type Recorder } from './core/faults.ts';
import { Meanwhile } from './core/meanwhile.ts';
import type { FakeClock } from './core/ports.ts';
import { makeStranger, type StrangeProject } from './stranger.ts';
import { createWorld, type FakeWorld } from './world.ts';

export type { Recorder } from './core/faults.ts';
export type { StrangeProject } from './stranger.ts';
export type { FakeWorld } from './world.ts';

export interface VercelFakeOptions {
  readonly clock: FakeClock;
  /** Told of every call of the deployer that a plane answered. */
  readonly recorder?: Recorder;
}

export interface VercelFake {
  readonly world: FakeWorld;
  /** Where the REST API answers: `http://127.0.0.1:PORT`. */
  readonly api: string;
  /** Where Vercel Queues answer. */
  readonly queueEndpoint: string;
  /** `team_...` */
  readonly teamId: string;
  /** The deployer's: calls with it are counted, recorded, and may go wrong. */
  readonly token: string;
  /** For the tests' own calls, which nothing disturbs. */
  readonly observerToken: string;
  /** Of the deployer's calls only. */
  readonly faults: ContractFaults & {
    /** How many calls of the deployer changed something. */
    readonly writes: number;
    /** Resolves when none of them is being answered; those that take long are not waited for. */
    answered(): Promise<void>;
  };
  /** Lets something happen while a call of the deployer's is under way. */
  readonly meanwhile: Pick<Meanwhile, 'once'>;
  /** Makes a project of that name that belongs to somebody else. */
  stranger(projectName: string): Promise<StrangeProject>;
  /** A line for every resource that outlives a call, sorted. */
  inventory(): readonly string[];
  /** Resolves when nothing is under way that need not wait for the clock. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Pauses between two looks at what is under way. */
const LOOK_MS = 5;

export async function createVercelFake(options: VercelFakeOptions): Promise<VercelFake> {
  const faults = new WireFaults(options.recorder);
  const meanwhile = new Meanwhile(faults);
  const world = await createWorld({
    clock: options.clock,
    intercept: (exchange) => meanwhile.pass(exchange),
  });

  return {
    world,
    api: world.api,
    queueEndpoint: world.queues.endpoint,
    teamId: world.teamId,
    token: world.tokens.deployer,
    observerToken: world.tokens.observer,
    faults,
    meanwhile,
    stranger: (projectName) => makeStranger(world, projectName),
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
