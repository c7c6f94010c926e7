/** Projects themselves. */
import { CreateProjectRequestBody$outboundSchema as createSchema } from '@vercel/sdk/models/createprojectcontenthint2.js';
import { UpdateProjectRequestBody$outboundSchema as updateSchema } from '@vercel/sdk/models/updateprojectdefinitions.js';
import { checkedMap, checkQuery } from '../core/body.ts';
import { badRequest } from '../core/fault.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import { routes } from '../core/routes.ts';
import { requireProject, type ProjectsContext } from './context.ts';
import { checkName, checkResources, ssoProtectionOf } from './project-rules.ts';
import { projectView } from './project-view.ts';
import type { Project } from './store.ts';
import { checkWish, putVariable } from './variable-changes.ts';
import { checkSize } from './variable-rules.ts';
import { variableWish, type VariableWish } from './variable-wish.ts';

const LISTING = ['from', 'until', 'limit', 'search'];
/** Of a page. */
const DEFAULT_LIMIT = 20;
const GREATEST_LIMIT = 100;

export function projectsApi(context: ProjectsContext): ApiService {
  const { clock, account, store, plan } = context;
  const view = (project: Project, hasRollbackInfo = false): object =>
    projectView(project, { account, store, hasRollbackInfo });

  function create({ query, body }: RestCall): WireReply {
    checkQuery(query);
    const given = checkedMap(createSchema, body);
    const { name, environmentVariables, ssoProtection, resourceConfig, ...settings } = given;
    checkName(store, textOf(name));
    checkResources(plan.tier, mapOf(resourceConfig));
    const wishes = wishesOf(environmentVariables);
    const project = store.create(textOf(name), {
      ...(ssoProtection !== undefined && { ssoProtection: ssoProtectionOf(ssoProtection) }),
      resourceConfig: mapOf(resourceConfig),
      settings,
    });
    const how = { now: clock.now(), upsert: false };
    for (const wish of wishes) putVariable(project, wish, how);
    return { status: 200, body: view(project) };
  }

  function show({ query }: RestCall, idOrName: string): WireReply {
    checkQuery(query, ['rollbackInfo']);
    const hasRollbackInfo = query.get('rollbackInfo') === 'true';
    return { status: 200, body: view(requireProject(store, idOrName), hasRollbackInfo) };
  }

  /** Those that were changed last come first; a page begins where the one before it ended. */
  function list({ query }: RestCall): WireReply {
    checkQuery(query, LISTING);
    const limit = limitOf(query.get('limit'));
    const from = query.get('from') ?? query.get('until');
    const search = query.get('search') ?? '';
    const found = store
      .list()
      .filter(({ name }) => name.includes(search))
      .toReversed()
      .toSorted((a, b) => b.updatedAt - a.updatedAt);
    const begin = from === null ? 0 : found.findIndex(({ updatedAt }) => updatedAt < Number(from));
    const rest = begin < 0 ? [] : found.slice(begin);
    // A page does not end within a moment: what comes next is told by a time.
    const end = rest[limit - 1]?.updatedAt ?? 0;
    const page = rest.filter(({ updatedAt }, index) => index < limit || updatedAt === end);
    const pagination = {
      count: page.length,
      next: page.length < rest.length ? end : null,
      prev: page[0]?.updatedAt ?? null,
    };
    return { status: 200, body: { projects: page.map((project) => view(project)), pagination } };
  }

  function update({ query, body }: RestCall, idOrName: string): WireReply {
    checkQuery(query);
    const project = requireProject(store, idOrName);
    const { name, ssoProtection, resourceConfig, ...settings } = checkedMap(updateSchema, body);
    if (name !== undefined && name !== project.name) checkName(store, textOf(name));
    checkResources(plan.tier, mapOf(resourceConfig));
    if (name !== undefined) project.name = textOf(name);
    if (ssoProtection !== undefined) project.ssoProtection = ssoProtectionOf(ssoProtection);
    project.resourceConfig = { ...project.resourceConfig, ...mapOf(resourceConfig) };
    project.settings = { ...project.settings, ...settings };
    store.touch(project);
    return { status: 200, body: view(project) };
  }

  function remove({ query }: RestCall, idOrName: string): WireReply {
    checkQuery(query);
    store.remove(requireProject(store, idOrName));
    return { status: 204 };
  }

  return {
    handle: routes({
      'POST /v11/projects': create,
      'GET /v10/projects': list,
      'GET /v9/projects/{project}': show,
      'PATCH /v9/projects/{project}': update,
      'DELETE /v9/projects/{project}': remove,
    }),
    inventory: () => store.list().map(({ name }) => `project ${name}`),
  };
}

/** All of them are looked at before the project is made. */
function wishesOf(given: unknown): readonly VariableWish[] {
  const items: readonly unknown[] = Array.isArray(given) ? given : [];
  const wishes = items.map((item) => variableWish(item));
  for (const [index, wish] of wishes.entries()) {
    checkWish(wish);
    const isTwice = wishes.slice(0, index).some(({ key, targets }) => {
      return key === wish.key && targets.some((target) => wish.targets.includes(target));
    });
    if (isTwice) throw badRequest(`The variable \`${wish.key}\` is given twice.`);
  }
  checkSize(wishes);
  return wishes;
}

function limitOf(text: string | null): number {
  const limit = text === null ? DEFAULT_LIMIT : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= GREATEST_LIMIT) return limit;
  throw badRequest(`Invalid request: \`limit\` should be between 1 and ${GREATEST_LIMIT}.`);
}
