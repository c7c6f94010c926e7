/** A world with one or two projects, whose functions are handlers of the test. */
import { assembleWorld, type FakeWorld } from '../../fakes/vercel/core/assemble.ts';
import type {
  FunctionReply,
  FunctionRequest,
  QueueTrigger,
  ReadyDeployment,
} from '../../fakes/vercel/core/ports.ts';
import { createCrons } from '../../fakes/vercel/crons/index.ts';
import { createQueues } from '../../fakes/vercel/queues/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export type ProjectName = 'a' | 'b';
export type Handler = (request: Request) => Promise<Response> | Response;

export interface Stage {
  readonly world: FakeWorld;
  readonly clock: ManualClock;
  /** Puts a deployment into production. */
  promote(wish: DeploymentWish): ReadyDeployment;
  /** One that is there, and in production nowhere. */
  put(wish: DeploymentWish): ReadyDeployment;
  deleteDeployment(id: string): void;
  deleteProject(name: ProjectName): void;
  readonly ids: Readonly<Record<ProjectName, string>>;
  /** Of the functions of the project. */
  token(name: ProjectName): string;
  settle(): Promise<void>;
}

export interface DeploymentWish {
  readonly id: string;
  /** Default: `a`. */
  readonly project?: ProjectName;
  /** By the function's name, its trigger and its code. */
  readonly functions?: Readonly<
    Record<string, { readonly trigger: Partial<QueueTrigger>; readonly handler: Handler }>
  >;
  readonly crons?: ReadyDeployment['crons'];
  /** What is called through the routes. */
  readonly main?: Handler;
  readonly variables?: Readonly<Record<string, string>>;
}

export async function makeStage(): Promise<Stage> {
  const clock = new ManualClock(Date.now());
  const deployments = new Map<string, ReadyDeployment>();
  const handlers = new Map<string, Handler>();
  const production = new Map<string, string>();
  const listeners = {
    promoted: new Set<(deployment: ReadyDeployment) => void>(),
    deleted: new Set<(id: string) => void>(),
  };
  const productionOf = (projectId: string): ReadyDeployment | undefined =>
    deployments.get(production.get(projectId) ?? '');
  const run = async (key: string, request: FunctionRequest): Promise<FunctionReply> => {
    const handler = handlers.get(key);
    if (!handler) throw new Error(`Nothing runs ${key}`);
    return replyOf(await handler(requestOf(request)));
  };

  const world = await assembleWorld(
    { clock },
    {
      deployments: () => ({
        deploymentOfHost: () => undefined,
        productionOf,
        producing: () => [...production.values()].flatMap((id) => deployments.get(id) ?? []),
        deploymentById: (id) => deployments.get(id),
        onPromoted: (listener) => void listeners.promoted.add(listener),
        onDeleted: (listener) => void listeners.deleted.add(listener),
      }),
      edge: () => ({
        openHost: () => Promise.reject(new Error('No hosts here')),
        closeHost: () => Promise.resolve(),
        deliver: ({ id }, name, request) => run(`${id} ${name}`, request),
        call: ({ id }, request) => run(`${id} main`, request),
        ownerOfToken: (token) => {
          const [kind, projectId = ''] = token.split(':');
          return kind === 'oidc' ? { projectId, deploymentId: 'any' } : undefined;
        },
        busy: () => false,
      }),
      queues: createQueues,
      crons: createCrons,
    },
  );

  const ids = { a: world.store.create('a').id, b: world.store.create('b').id };

  function put(wish: DeploymentWish): ReadyDeployment {
    const { id, project = 'a', functions = {}, crons = [], main, variables = {} } = wish;
    const projectId = ids[project];
    const deployment: ReadyDeployment = {
      id,
      projectId,
      projectName: project,
      target: 'production',
      routes: [],
      crons,
      variables,
      functions: Object.entries(functions).map(([name, { trigger, handler }]) => {
        handlers.set(`${id} ${name}`, handler);
        return {
          name,
          folder: '/none',
          handler: 'index.mjs',
          runtime: 'nodejs24.x',
          memoryMb: 2048,
          maxDurationSeconds: 300,
          maxConcurrency: 1,
          regions: ['fra1'],
          environment: {},
          triggers: [{ ...TRIGGER, ...trigger }],
        };
      }),
    };
    if (main) handlers.set(`${id} main`, main);
    deployments.set(id, deployment);
    return deployment;
  }

  return {
    world,
    clock,
    put,
    promote(wish) {
      const deployment = put(wish);
      production.set(deployment.projectId, deployment.id);
      for (const listener of listeners.promoted) listener(deployment);
      return deployment;
    },
    deleteDeployment(id) {
      deployments.delete(id);
      for (const listener of listeners.deleted) listener(id);
    },
    deleteProject(name) {
      const project = world.store.find(name);
      production.delete(ids[name]);
      if (project) world.store.remove(project);
    },
    ids,
    token: (name) => `oidc:${ids[name]}`,
    async settle() {
      for (let quiet = 0; quiet < 2; quiet += 1) {
        if (world.work.active > 0 || world.busy()) quiet = -1;
        await world.work.idle();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
  };
}

const TRIGGER: QueueTrigger = {
  topic: 'orders',
  consumer: 'worker',
  maxDeliveries: null,
  retryAfterSeconds: 60,
  initialDelaySeconds: 0,
  maxConcurrency: null,
};

function requestOf({ method, url, headers, body }: FunctionRequest): Request {
  const given = new Headers();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    given.append(headers[index] ?? '', headers[index + 1] ?? '');
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://function.test${url}`, {
    method,
    headers: given,
    ...(hasBody && { body: new Uint8Array(body) }),
  });
}

async function replyOf(response: Response): Promise<FunctionReply> {
  return {
    status: response.status,
    headers: [...response.headers].flat(),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
