/** Crons: Vercel calls paths of each project's production deployment at their times. https://vercel.com/docs/cron-jobs */
import { badRequest, notFound } from '../core/fault.ts';
import { mapOf } from '../core/json.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import { ProjectCrons } from './project-crons.ts';

export interface CronsFake {
  readonly services: readonly ApiService[];
  busy(): boolean;
  stop(): void;
}

const RUN = /^\/v1\/projects\/([^/]+)\/crons\/run$/;

export function createCrons(world: World): CronsFake {
  const byProject = new Map<string, ProjectCrons>();
  let isStopped = false;

  function remove(projectId: string): void {
    byProject.get(projectId)?.stop();
    byProject.delete(projectId);
  }

  // The other parts are not there before all are made.
  queueMicrotask(() => {
    if (isStopped) return;
    world.projects.onPromoted((deployment) => {
      remove(deployment.projectId);
      byProject.set(deployment.projectId, new ProjectCrons(world, deployment));
    });
    world.projects.onDeleted((deploymentId) => {
      for (const [projectId, crons] of byProject) {
        if (crons.deploymentId === deploymentId) remove(projectId);
      }
    });
    world.projects.onProjectDeleted(remove);
  });

  /** A run that somebody asked for, as `vercel crons run` does. */
  function run(call: RestCall, nameOrId: string): WireReply {
    const projectId = world.projects.projectIdOf(nameOrId);
    if (projectId === undefined) throw notFound('Project not found.');
    const { path, schedule, ...rest } = mapOf(call.body);
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw invalid(`should NOT have additional property \`${unknown}\`.`);
    if (typeof path !== 'string') throw invalid('missing required property `path`.');
    if (typeof schedule !== 'string') throw invalid('missing required property `schedule`.');
    const crons = byProject.get(projectId);
    const cron = crons?.definitions.find((one) => one.path === path && one.schedule === schedule);
    if (!crons || !cron) throw notFound('Cron job not found.');
    crons.run(cron);
    return { status: 200, body: { invocationAt: world.clock.now() } };
  }

  return {
    services: [
      {
        async handle(call) {
          const [, nameOrId] = RUN.exec(call.path) ?? [];
          return nameOrId === undefined || call.method !== 'POST' ? undefined : run(call, nameOrId);
        },
        // They are of the deployment, and end with it.
        inventory: () => [],
      },
    ],
    // What is called is counted as work.
    busy: () => false,
    stop() {
      isStopped = true;
      for (const projectId of byProject.keys()) remove(projectId);
    },
  };
}

function invalid(what: string): Error {
  return badRequest(`Invalid request: ${what}`);
}
