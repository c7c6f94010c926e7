/** Runs revisions: real processes of the functions framework, behind real HTTP. */
import type { InstanceSetup, RuntimePort, World } from '../core/ports.ts';
import { BuildStepError, buildFailure } from './build-failure.ts';
import { buildFolder } from './build.ts';
import { ClockWatch } from '../../shared/runtime/clock-watch.ts';
import { RevisionFleet } from './fleet.ts';
import { IdleLimit } from '../../shared/runtime/idle-limit.ts';
import { sourceStore } from './source-store.ts';
import { workerPool } from './worker-pool.ts';

export interface RuntimeOptions {
  /** What a start gets of real time at least before it counts as too late. Default: 8 seconds. */
  readonly startGrantedMs?: number;
}

const START_GRANTED_MS = 8000;
/** What requests under way get of real time when all ends. */
const END_GRACE_MS = 250;

/** `stop` ends all fleets, and their processes. */
export function createRuntime(
  world: World,
  options: RuntimeOptions = {},
): RuntimePort & { stop(): Promise<void> } {
  const { startGrantedMs = START_GRANTED_MS } = options;
  const fleets = new Set<RevisionFleet>();
  const idle = new IdleLimit();
  const clockWatch = new ClockWatch(world.clock);
  let made = 0;
  let hasEntered = false;
  let isStopped = false;

  function enter(): void {
    if (isStopped) throw new Error('The runtime was stopped');
    if (hasEntered) return;
    hasEntered = true;
    workerPool.enter();
    sourceStore.enter();
    workerPool.prepare();
  }

  return {
    async build(zip: Buffer) {
      enter();
      try {
        return { folder: await sourceStore.folder(zip, buildFolder) };
      } catch (error) {
        throw error instanceof BuildStepError ? buildFailure(error.message, world) : error;
      }
    },
    start(setup: InstanceSetup) {
      enter();
      made += 1;
      const fleet: RevisionFleet = new RevisionFleet({
        world,
        setup,
        workers: workerPool,
        startGrantedMs,
        planeName: `metadata:${setup.revision}:${made}`,
        idle,
        clockWatch,
        onStop: () => void fleets.delete(fleet),
      });
      fleets.add(fleet);
      return fleet;
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await Promise.all([...fleets].map((fleet) => fleet.stop(END_GRACE_MS)));
      if (!hasEntered) return;
      workerPool.leave();
      await sourceStore.leave();
    },
  };
}
