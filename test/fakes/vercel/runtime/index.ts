/** Runs the functions of deployments: real processes, with the vendor's own handler. */
import { ClockWatch } from '../../shared/runtime/clock-watch.ts';
import { IdleLimit } from '../../shared/runtime/idle-limit.ts';
import type { DeployedFunction, FunctionRequest, ReadyDeployment, World } from '../core/ports.ts';
import { FunctionFleet } from './fleet.ts';
import type { RunOutcome } from './outcome.ts';
import { workerPool } from './worker-pool.ts';

export interface Runtime {
  /** Runs a function of a deployment, on an instance that is free or on a new one. */
  send(
    deployment: ReadyDeployment,
    func: DeployedFunction,
    request: FunctionRequest,
  ): Promise<RunOutcome>;
  stop(): Promise<void>;
}

/** What requests under way get of real time when all ends. */
const END_GRACE_MS = 250;

export function createRuntime(world: World): Runtime {
  const fleets = new Map<string, FunctionFleet>();
  const ending = new Set<Promise<void>>();
  const idle = new IdleLimit();
  const clockWatch = new ClockWatch(world.clock);
  let hasEntered = false;
  let isStopped = false;

  function enter(): void {
    if (isStopped) throw new Error('The runtime was stopped');
    if (hasEntered) return;
    hasEntered = true;
    workerPool.enter();
    workerPool.prepare();
    world.projects.onDeleted((deploymentId) => end(({ id }) => id === deploymentId));
    world.projects.onProjectDeleted((id) => end(({ projectId }) => projectId === id));
  }

  function end(isMeant: (deployment: ReadyDeployment) => boolean): void {
    for (const [key, fleet] of fleets) {
      if (!isMeant(fleet.deployment)) continue;
      fleets.delete(key);
      const stopping = fleet.stop().then(() => void ending.delete(stopping));
      ending.add(stopping);
    }
  }

  return {
    send(deployment, func, request) {
      enter();
      const key = `${deployment.id}/${func.name}`;
      const known = fleets.get(key);
      const fleet =
        known ??
        new FunctionFleet({ world, deployment, func, workers: workerPool, idle, clockWatch });
      fleets.set(key, fleet);
      return fleet.send(request);
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await Promise.all([...fleets.values()].map((fleet) => fleet.stop(END_GRACE_MS)));
      await Promise.all(ending);
      if (hasEntered) workerPool.leave();
    },
  };
}
