/** The calls of the API that are about deployments: https://vercel.com/docs/rest-api/deployments */
import { badRequest, notFound } from '../core/fault.ts';
import { mapOf } from '../core/json.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import type { Project } from '../projects/store.ts';
import type { Deployment } from './deployment.ts';
import type { Deployments } from './deployments.ts';
import { list } from './list.ts';
import { shown, treeOf } from './view.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Beside the team. */
  readonly query?: readonly string[];
  answer(call: RestCall, ...parts: readonly string[]): WireReply | Promise<WireReply>;
}

const SCOPE = ['teamId', 'slug'];

export function createDeploymentsApi(deployments: Deployments): ApiService {
  const routes = routesOf(deployments);
  return {
    async handle(call) {
      for (const route of routes) {
        const found = route.method === call.method ? route.path.exec(call.path) : null;
        if (!found) continue;
        checkQuery(call, route.query);
        return route.answer(call, ...found.slice(1));
      }
      return undefined;
    },
    inventory: () => deployments.registry.all.map((one) => `deployment of ${one.projectName}`),
  };
}

function checkQuery({ query }: RestCall, known: readonly string[] | undefined): void {
  if (!known) return;
  const unknown = [...query.keys()].find((key) => !SCOPE.includes(key) && !known.includes(key));
  if (unknown === undefined) return;
  throw badRequest(`Invalid request: should NOT have additional property \`${unknown}\`.`);
}

function routesOf(deployments: Deployments): readonly Route[] {
  const { registry, production, files } = deployments;
  const view = (deployment: Deployment): WireReply => ({
    status: 200,
    body: shown(deployments, deployment),
  });
  const projectOf = (idOrName: string): Project => {
    const found = deployments.store.find(idOrName);
    if (found) return found;
    throw notFound('Project not found');
  };
  return [
    { method: 'POST', path: /^\/v2\/files$/, query: [], answer: (call) => files.upload(call) },
    {
      method: 'POST',
      path: /^\/v13\/deployments$/,
      answer: async (call) => view(await deployments.create(call)),
    },
    {
      method: 'GET',
      path: /^\/v[67]\/deployments$/,
      answer: ({ query }) => list(deployments, query),
    },
    {
      method: 'GET',
      path: /^\/v13\/deployments\/([^/]+)$/,
      query: ['withGitRepoInfo'],
      answer: (_, id = '') => view(registry.need(id)),
    },
    {
      method: 'DELETE',
      path: /^\/v13\/deployments\/([^/]+)$/,
      query: ['url'],
      answer({ query }, id = '') {
        const deployment = registry.need(query.get('url') ?? id);
        deployments.delete(deployment);
        return { status: 200, body: { uid: deployment.id, state: 'DELETED' } };
      },
    },
    {
      method: 'PATCH',
      path: /^\/v12\/deployments\/([^/]+)\/cancel$/,
      query: [],
      answer: (_, id = '') => view(deployments.cancel(registry.need(id))),
    },
    {
      method: 'GET',
      path: /^\/v6\/deployments\/([^/]+)\/files$/,
      query: [],
      answer: (_, id = '') => ({ status: 200, body: treeOf(registry.need(id)) }),
    },
    {
      method: 'POST',
      path: /^\/v2\/deployments\/([^/]+)\/aliases$/,
      query: [],
      answer: (call, id = '') => ({
        status: 200,
        body: deployments.assignAlias(registry.need(id), call.body),
      }),
    },
    {
      method: 'POST',
      path: /^\/v10\/projects\/([^/]+)\/promote\/([^/]+)$/,
      query: [],
      answer(call, project = '', id = '') {
        checkEmpty(call);
        production.promote(projectOf(project), registry.need(id));
        return { status: 201 };
      },
    },
    {
      method: 'POST',
      path: /^\/v[19]\/projects\/([^/]+)\/rollback\/([^/]+)$/,
      query: ['description'],
      answer(call, project = '', id = '') {
        checkEmpty(call);
        production.rollBack(projectOf(project), registry.need(id));
        return { status: 201 };
      },
    },
  ];
}

function checkEmpty({ body }: RestCall): void {
  const [unknown] = Object.keys(mapOf(body));
  if (unknown === undefined) return;
  throw badRequest(`Invalid request: should NOT have additional property \`${unknown}\`.`);
}
