/** Environment variables of projects. */
import { BatchRemoveProjectEnvRequestBody$outboundSchema as removeSchema } from '@vercel/sdk/models/batchremoveprojectenvop.js';
import { CreateProjectEnvRequestBody$outboundSchema as createSchema } from '@vercel/sdk/models/createprojectenvop.js';
import { EditProjectEnvRequestBody$outboundSchema as editSchema } from '@vercel/sdk/models/editprojectenvop.js';
import { checkedBody, checkedMap, checkQuery } from '../core/body.ts';
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import { routes } from '../core/routes.ts';
import type { ProjectsContext } from './context.ts';
import { requireProject } from './context.ts';
import type { Project, Variable } from './store.ts';
import { checkWish, editVariable, putVariable } from './variable-changes.ts';
import { variableView } from './variable-view.ts';
import { textsOf, typeOf, variableWish, type VariableWish } from './variable-wish.ts';

const LISTING = ['decrypt', 'gitBranch', 'source', 'customEnvironmentId', 'customEnvironmentSlug'];

export function variablesApi(context: ProjectsContext): ApiService {
  const { clock, account, store } = context;
  const view = (variable: Variable, decrypt = false): object =>
    variableView(variable, { userId: account.userId, decrypt });
  const touch = (project: Project): void => store.touch(project);

  /** Variables for development cannot be sensitive, and are left as they are. */
  function underPolicy(wish: VariableWish): VariableWish {
    const isHeld = store.sensitivePolicy === 'on' && !wish.targets.includes('development');
    return isHeld ? { ...wish, type: 'sensitive' } : wish;
  }

  function create({ query, body }: RestCall, idOrName: string): WireReply {
    checkQuery(query, ['upsert']);
    const project = requireProject(store, idOrName);
    checkedBody(createSchema, body);
    const isList = Array.isArray(body);
    const given: readonly unknown[] = isList ? body : [body];
    const wishes = given.map((item) => underPolicy(variableWish(item)));
    for (const wish of wishes) checkWish(wish);
    const created: object[] = [];
    const failed: object[] = [];
    for (const wish of wishes) {
      try {
        const how = { now: clock.now(), upsert: query.get('upsert') === 'true' };
        created.push(view(putVariable(project, wish, how)));
      } catch (error) {
        // One alone is refused; of several, each is told of.
        if (!isList || !(error instanceof VercelFault)) throw error;
        const { code, message, fields } = error;
        failed.push({ error: { code, message, ...fields } });
      }
    }
    touch(project);
    return { status: 201, body: { created: isList ? created : created[0], failed } };
  }

  function list({ query }: RestCall, idOrName: string): WireReply {
    checkQuery(query, LISTING);
    const project = requireProject(store, idOrName);
    const decrypt = query.get('decrypt') === 'true';
    const branch = query.get('gitBranch');
    const found = [...project.variables.values()].filter(
      ({ gitBranch }) => branch === null || gitBranch === null || gitBranch === branch,
    );
    return {
      status: 200,
      body: { envs: found.map((variable) => ({ ...view(variable, decrypt), securityIssues: [] })) },
    };
  }

  function show({ query }: RestCall, idOrName: string, id: string): WireReply {
    checkQuery(query);
    return { status: 200, body: view(requireVariable(requireProject(store, idOrName), id), true) };
  }

  function edit({ query, body }: RestCall, idOrName: string, id: string): WireReply {
    checkQuery(query);
    const project = requireProject(store, idOrName);
    const variable = requireVariable(project, id);
    const given = checkedMap(editSchema, body);
    const { key, value, type, targets, gitBranch, comment } = variable;
    const edited = variableWish({
      key,
      value,
      type,
      target: targets,
      gitBranch,
      comment,
      ...given,
      ...(given['type'] !== undefined && { type: typeOf(given['type']) }),
    });
    const changed = editVariable(project, variable, edited, clock.now());
    touch(project);
    return { status: 200, body: view(changed) };
  }

  function remove({ query }: RestCall, idOrName: string, id: string): WireReply {
    checkQuery(query, ['customEnvironmentId']);
    const project = requireProject(store, idOrName);
    const variable = requireVariable(project, id);
    project.variables.delete(variable.id);
    touch(project);
    return { status: 200, body: view(variable) };
  }

  function removeSeveral({ query, body }: RestCall, idOrName: string): WireReply {
    checkQuery(query);
    const project = requireProject(store, idOrName);
    const ids = textsOf(checkedMap(removeSchema, body)['ids']);
    if (ids.length === 0) throw badRequest('Invalid request: `ids` should NOT be empty.');
    const deleted = ids.filter((id) => project.variables.delete(id));
    touch(project);
    return { status: 200, body: { deleted: deleted.length, ids: deleted } };
  }

  const handle = routes({
    'POST /v10/projects/{project}/env': create,
    'GET /v10/projects/{project}/env': list,
    'GET /v1/projects/{project}/env/{id}': show,
    'PATCH /v9/projects/{project}/env/{id}': edit,
    'DELETE /v9/projects/{project}/env/{id}': remove,
    'DELETE /v10/projects/{project}/env/{id}': remove,
    'DELETE /v1/projects/{project}/env': removeSeveral,
  });
  return {
    handle,
    inventory: () =>
      store
        .list()
        .flatMap(({ name, variables }) =>
          [...variables.values()].map(({ key }) => `variable ${name} ${key}`),
        ),
  };
}

/** By its id only. */
function requireVariable(project: Project, id: string): Variable {
  const found = project.variables.get(id);
  if (!found) throw notFound(`The Environment Variable ${id} was not found.`);
  return found;
}
