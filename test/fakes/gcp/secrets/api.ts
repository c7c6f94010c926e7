/** Secret Manager v1: https://cloud.google.com/secret-manager/docs/reference/rest */
import { answerPolicyCall, requireRole } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import { textOf, type JsonMap } from '../core/json.ts';
import { pageOf, parseFilter } from '../core/list-filter.ts';
import { protoJson, wantsEnumNumbers } from '../core/proto-json.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import { checkEtag, checkSecret, checkSecretId } from './rules.ts';
import type { Secret, SecretStore } from './store.ts';
import { answerVersion, answerVersions } from './versions-api.ts';

export interface SecretsParts {
  readonly world: World;
  readonly store: SecretStore;
}

const PATH =
  /^\/v1\/projects\/[^/]+\/secrets(?:\/(?<id>[^/:]+)(?<versions>\/versions(?:\/(?<version>[^/:]+))?)?)?(?::(?<verb>\w+))?$/;
const ADMIN = ['roles/secretmanager.admin'];
const VIEWER = [...ADMIN, 'roles/secretmanager.viewer'];
const json = protoJson('secret-manager');

export function createSecretsApi(parts: SecretsParts): ApiService {
  const { store } = parts;
  return {
    api: 'secretmanager',
    async handle(call) {
      const found = PATH.exec(call.path)?.groups;
      if (!found) return undefined;
      const { id, versions, version, verb } = found;
      if (id === undefined) return verb === undefined ? ofProject(parts, call) : undefined;
      if (version !== undefined) return answerVersion(parts, call, { id, version, verb });
      if (versions !== undefined) {
        return verb === undefined ? answerVersions(parts, call, id) : undefined;
      }
      return ofSecret(parts, call, { id, verb });
    },
    inventory: () => store.all.map(({ id }) => `secret ${id}`),
  };
}

/** Google names secrets by the number of their project, however they were asked for. */
export function nameOf(world: World, id: string): string {
  return `projects/${world.projectNumber}/secrets/${id}`;
}

/** What policies are kept under. */
export function resourceOf(world: World, id: string): string {
  return `projects/${world.projectId}/secrets/${id}`;
}

/** @throws GoogleFault NOT_FOUND */
export function existing({ world, store }: SecretsParts, id: string): Secret {
  const secret = store.get(id);
  if (secret) return secret;
  throw new GoogleFault('NOT_FOUND', `Secret [${nameOf(world, id)}] not found.`);
}

function ofProject(parts: SecretsParts, call: RestCall): WireReply | undefined {
  const { world, store } = parts;
  const resource = `projects/${world.projectId}`;
  if (call.method === 'GET') {
    requireRole(world, call, { resource, permission: 'secretmanager.secrets.list', roles: VIEWER });
    const wish = json.decodeQuery('ListSecretsRequest', call.query);
    const filter = parseFilter(textOf(wish['filter']));
    const all = store.all.map((secret) => shown(world, secret)).filter((secret) => filter(secret));
    const { items, nextPageToken = '' } = pageOf(all, wish, { most: 25_000, usual: 25_000 });
    const list = { secrets: items, nextPageToken, totalSize: all.length };
    return { status: 200, body: json.encode('ListSecretsResponse', list, options(call)) };
  }
  if (call.method !== 'POST') return undefined;
  requireRole(world, call, {
    resource,
    permission: 'secretmanager.secrets.create',
    roles: ADMIN,
  });
  const id = textOf(json.decodeQuery('CreateSecretRequest', call.query)['secretId']);
  const wish = json.inputOf('Secret', json.decode('Secret', call.body, 'secret'));
  checkSecretId(id);
  checkSecret(wish);
  if (store.get(id)) {
    throw new GoogleFault('ALREADY_EXISTS', `Secret [${nameOf(world, id)}] already exists.`);
  }
  const { etag: _, ...fields } = wish;
  return encoded(parts, call, store.create(id, fields));
}

function ofSecret(
  parts: SecretsParts,
  call: RestCall,
  { id, verb }: { readonly id: string; readonly verb: string | undefined },
): WireReply | undefined {
  const { world, store } = parts;
  const resource = resourceOf(world, id);
  const need = (permission: string, roles = ADMIN): void =>
    requireRole(world, call, { resource, permission: `secretmanager.${permission}`, roles });
  if (verb === 'addVersion') {
    if (call.method !== 'POST') return undefined;
    need('versions.add', [...ADMIN, 'roles/secretmanager.secretVersionAdder']);
    return answerVersions(parts, call, id);
  }
  if (verb !== undefined) {
    if (call.method !== (verb === 'getIamPolicy' ? 'GET' : 'POST')) return undefined;
    need(`secrets.${verb}`);
    existing(parts, id);
    return answerPolicyCall(world, resource, verb, call.body);
  }
  if (call.method === 'GET') {
    need('secrets.get', VIEWER);
    return encoded(parts, call, existing(parts, id));
  }
  if (call.method === 'DELETE') {
    need('secrets.delete');
    const { etag } = json.decodeQuery('DeleteSecretRequest', call.query);
    const secret = existing(parts, id);
    checkEtag(nameOf(world, id), textOf(etag), secret.etag);
    store.delete(id);
    world.policies.delete(resource);
    return { status: 200, body: {} };
  }
  if (call.method !== 'PATCH') return undefined;
  need('secrets.update');
  const { updateMask } = json.decodeQuery('UpdateSecretRequest', call.query);
  const paths = json.maskOf('Secret', updateMask);
  const wish = json.decode('Secret', call.body, 'secret');
  const secret = existing(parts, id);
  checkEtag(nameOf(world, id), textOf(wish['etag']), secret.etag);
  if (paths.length === 0) {
    throw new GoogleFault('INVALID_ARGUMENT', 'The update_mask must not be empty.');
  }
  for (const path of paths) {
    if (!['replication', 'name', 'createTime', 'etag', '*'].includes(path)) continue;
    throw new GoogleFault('INVALID_ARGUMENT', `The field [${path}] cannot be updated.`);
  }
  const fields = json.applyMask(secret.fields, wish, paths);
  checkSecret(fields);
  return encoded(parts, call, store.change(secret, fields));
}

function shown(world: World, secret: Secret): JsonMap {
  return {
    name: nameOf(world, secret.id),
    createTime: new Date(secret.createdAt).toISOString(),
    ...secret.fields,
    etag: secret.etag,
  };
}

export function options(call: RestCall): { readonly enumsAsNumbers: boolean } {
  return { enumsAsNumbers: wantsEnumNumbers(call.query) };
}

function encoded({ world }: SecretsParts, call: RestCall, secret: Secret): WireReply {
  return { status: 200, body: json.encode('Secret', shown(world, secret), options(call)) };
}
