/** Vercel Queues: topics of projects, pushed to the functions that have triggers for them. */
import type { ApiService, QueuesPort, World } from '../core/ports.ts';
import { QueueApi } from './api.ts';
import { checkName, settingsOf } from './message.ts';
import { ProjectQueues } from './project-queues.ts';

export interface QueuesFake extends QueuesPort {
  readonly services: readonly ApiService[];
  /** A delivery is under way. */
  busy(): boolean;
  stop(): void;
}

/** Its endpoint is there once the planes are open. */
export function createQueues(world: World): QueuesFake {
  const byProject = new Map<string, ProjectQueues>();
  let isStopped = false;
  let endpoint: string | undefined;

  function queuesOf(projectId: string): ProjectQueues {
    const known = byProject.get(projectId);
    if (known) return known;
    const made = new ProjectQueues(world, projectId);
    byProject.set(projectId, made);
    return made;
  }

  function remove(projectId: string): void {
    byProject.get(projectId)?.stop();
    byProject.delete(projectId);
  }

  const api = new QueueApi(world, queuesOf);
  void world.planes
    .open({ name: 'queues', handle: (request) => api.handle(request) })
    .then((url) => (endpoint = url));
  // The other parts are not there before all are made.
  queueMicrotask(() => {
    if (isStopped) return;
    world.projects.onPromoted(({ projectId }) => queuesOf(projectId).refresh());
    world.projects.onProjectDeleted(remove);
  });

  return {
    services: [],
    get endpoint() {
      if (endpoint === undefined) throw new Error('The plane of the queues is not open yet.');
      return endpoint;
    },
    send(projectId, topic, payload, options = {}) {
      checkName('topic', topic);
      return queuesOf(projectId).send(topic, payload, {
        settings: settingsOf(options.headers ?? {}),
        contentType: options.contentType ?? 'application/json',
        headers: options.headers ?? {},
      });
    },
    peek: (projectId, topic) => byProject.get(projectId)?.peek(topic) ?? [],
    busy: () => [...byProject.values()].some((queues) => queues.isBusy),
    stop() {
      isStopped = true;
      for (const projectId of byProject.keys()) remove(projectId);
    },
  };
}
