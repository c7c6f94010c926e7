/** Cloud Scheduler: jobs that send requests at their times. */
import type { ApiService, World } from '../core/ports.ts';
import { JobApi } from './api.ts';

export interface SchedulerFake {
  readonly services: readonly ApiService[];
  /** An attempt is under way, or due at the clock's present time. */
  busy(): boolean;
  stop(): Promise<void>;
}

const PATH = /^\/v1\/(projects\/[^/]+\/locations\/[^/]+)\/jobs(?:\/([^/:]+)(?::([^/]+))?)?$/;

export function createScheduler(world: World): SchedulerFake {
  const api = new JobApi(world);

  async function stop(): Promise<void> {
    for (const job of api.jobs) job.stop();
  }

  return {
    services: [
      {
        api: 'scheduler',
        async handle(call) {
          const [, parent, id, verb] = PATH.exec(call.path) ?? [];
          if (parent === undefined) return undefined;
          if (id === undefined) return api.collection(call, parent);
          const name = `${parent}/jobs/${id}`;
          return verb === undefined ? api.one(call, name) : api.act(call, name, verb);
        },
        inventory: () => api.jobs.map(({ name }) => `scheduler job ${name.split('/').at(-1)}`),
        stop,
      },
    ],
    busy: () => api.jobs.some((job) => job.isBusy),
    stop,
  };
}
