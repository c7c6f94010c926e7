/** Variables of the team, which projects are linked to. */
import { CreateSharedEnvVariableRequestBody$outboundSchema as createSchema } from '@vercel/sdk/models/createsharedenvvariableop.js';
import { DeleteSharedEnvVariableRequestBody$outboundSchema as removeSchema } from '@vercel/sdk/models/deletesharedenvvariableop.js';
import { UpdateSharedEnvVariableRequestBody$outboundSchema as updateSchema } from '@vercel/sdk/models/updatesharedenvvariableop.js';
import { checkedMap, checkQuery } from '../core/body.ts';
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import { routes } from '../core/routes.ts';
import { requireProject, type ProjectsContext } from './context.ts';
import type { SharedVariable } from './store.ts';
import { checkKey, checkTargets } from './variable-rules.ts';
import { sharedView } from './variable-view.ts';
import { textsOf } from './variable-wish.ts';

const LISTING = ['search', 'projectId', 'ids', 'exclude_ids', 'exclude-ids'];

export function sharedApi({ clock, account, store }: ProjectsContext): ApiService {
  const view = (variable: SharedVariable, decrypt = false): object =>
    sharedView(variable, { ...account, decrypt });

  function create({ query, body }: RestCall): WireReply {
    checkQuery(query);
    const { evs, type, target, projectId } = checkedMap(createSchema, body);
    const items: readonly unknown[] = Array.isArray(evs) ? evs : [];
    if (items.length === 0) throw badRequest('Invalid request: `evs` should NOT be empty.');
    const projectIds = linkable(textsOf(projectId));
    const kind = sharedType(type);
    const created: object[] = [];
    const failed: object[] = [];
    for (const item of items.map((given) => mapOf(given))) {
      const key = textOf(item['key']);
      checkKey(key);
      checkTargets(kind, textsOf(target));
      const found = [...store.shared.values()].find((variable) => variable.key === key);
      if (found) {
        failed.push({ error: { code: 'ENV_CONFLICT', message: sharedConflict(key), key } });
        continue;
      }
      const made = store.addShared({
        key,
        value: textOf(item['value']),
        type: kind,
        targets: textsOf(target),
        comment: textOf(item['comment']) || null,
        projectIds: new Set(projectIds),
      });
      created.push(view(made));
    }
    return { status: 201, body: { created, failed } };
  }

  function list({ query }: RestCall): WireReply {
    checkQuery(query, LISTING);
    const search = query.get('search') ?? '';
    const projectId = query.get('projectId');
    const ids = query.get('ids')?.split(',');
    const excluded = (query.get('exclude_ids') ?? query.get('exclude-ids') ?? '').split(',');
    const data = [...store.shared.values()]
      .filter(({ key }) => key.toLowerCase().includes(search.toLowerCase()))
      .filter(({ projectIds }) => projectId === null || projectIds.has(projectId))
      .filter(({ id }) => (ids === undefined || ids.includes(id)) && !excluded.includes(id))
      .map((variable) => view(variable));
    const pagination = { count: data.length, next: null, prev: null };
    return { status: 200, body: { data, pagination } };
  }

  function show({ query }: RestCall, id: string): WireReply {
    checkQuery(query);
    return { status: 200, body: view(requireShared(id), true) };
  }

  function update({ query, body }: RestCall): WireReply {
    checkQuery(query);
    const updates = Object.entries(mapOf(checkedMap(updateSchema, body)['updates']));
    const updated: object[] = [];
    const failed: object[] = [];
    for (const [id, wish] of updates) {
      try {
        updated.push(view(change(requireShared(id), mapOf(wish))));
      } catch (error) {
        if (!(error instanceof VercelFault)) throw error;
        failed.push({ error: { code: error.code, message: error.message, envVarId: id } });
      }
    }
    return { status: 200, body: { updated, failed } };
  }

  function change(variable: SharedVariable, wish: JsonMap): SharedVariable {
    const { key, value, target, type, projectId, comment } = wish;
    const projects = mapOf(wish['projectIdUpdates']);
    const linked = linkable([...textsOf(projects['link']), ...textsOf(projectId)]);
    const targets = target === undefined ? variable.targets : textsOf(target);
    const kind = type === undefined ? variable.type : sharedType(type);
    if (variable.type === 'sensitive' && kind !== 'sensitive') {
      throw badRequest('You cannot change the type of a Sensitive Environment Variable.');
    }
    checkTargets(kind, targets);
    if (typeof key === 'string') checkKey(key);
    variable.key = typeof key === 'string' ? key : variable.key;
    variable.value = typeof value === 'string' ? value : variable.value;
    variable.comment = typeof comment === 'string' ? comment : variable.comment;
    variable.type = kind;
    variable.targets = targets;
    if (projectId !== undefined) variable.projectIds.clear();
    for (const id of linked) variable.projectIds.add(id);
    for (const id of textsOf(projects['unlink'])) variable.projectIds.delete(id);
    variable.updatedAt = clock.now();
    return variable;
  }

  function remove({ query, body }: RestCall): WireReply {
    checkQuery(query);
    const ids = textsOf(checkedMap(removeSchema, body)['ids']);
    const deleted = ids.filter((id) => store.shared.delete(id));
    const failed = ids
      .filter((id) => !deleted.includes(id))
      .map((id) => ({ error: { code: 'not_found', message: unknown(id), envVarId: id } }));
    return { status: 200, body: { deleted, failed } };
  }

  function unlink({ query }: RestCall, id: string, projectId: string): WireReply {
    checkQuery(query);
    const variable = requireShared(id);
    variable.projectIds.delete(requireProject(store, projectId).id);
    return { status: 200, body: { id: variable.id } };
  }

  function requireShared(id: string): SharedVariable {
    const found = store.shared.get(id);
    if (!found) throw notFound(unknown(id));
    return found;
  }

  /** Only ids of projects are taken, not names. */
  function linkable(ids: readonly string[]): readonly string[] {
    for (const id of ids) {
      if (store.find(id)?.id !== id) throw notFound('Project not found.');
    }
    return ids;
  }

  return {
    handle: routes({
      'POST /v1/env': create,
      'GET /v1/env': list,
      'GET /v1/env/{id}': show,
      'PATCH /v1/env': update,
      'DELETE /v1/env': remove,
      'PATCH /v1/env/{id}/unlink/{project}': unlink,
    }),
    inventory: () => [...store.shared.values()].map(({ key }) => `shared variable ${key}`),
  };
}

function sharedType(type: unknown): SharedVariable['type'] {
  return type === 'sensitive' ? 'sensitive' : 'encrypted';
}

function sharedConflict(key: string): string {
  return `A shared environment variable with the name \`${key}\` already exists`;
}

function unknown(id: string): string {
  return `The Shared Environment Variable ${id} was not found.`;
}
