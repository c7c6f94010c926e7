/** The versions of a secret: adding, reading, destroying. */
import { permissionDenied, requireRole } from '../core/access.ts';
import { crc32c } from '../core/crc32c.ts';
import { GoogleFault } from '../core/fault.ts';
import { isMap, textOf, type JsonMap } from '../core/json.ts';
import { pageOf, parseFilter } from '../core/list-filter.ts';
import { protoJson } from '../core/proto-json.ts';
import type { Caller, RestCall, WireReply, World } from '../core/ports.ts';
import { existing, nameOf, options, resourceOf, type SecretsParts } from './api.ts';
import { checkEtag, checkPayload } from './rules.ts';
import { versionOf, type Secret, type SecretVersion } from './store.ts';

export const ACCESSORS = [
  'roles/secretmanager.secretAccessor',
  'roles/secretmanager.admin',
  'roles/owner',
];
const MANAGERS = ['roles/secretmanager.admin', 'roles/secretmanager.secretVersionManager'];
const json = protoJson('secret-manager');

interface Verb {
  readonly request: string;
  readonly state: SecretVersion['state'];
}

const VERBS: Readonly<Record<string, Verb>> = {
  enable: { request: 'EnableSecretVersionRequest', state: 'ENABLED' },
  disable: { request: 'DisableSecretVersionRequest', state: 'DISABLED' },
  destroy: { request: 'DestroySecretVersionRequest', state: 'DESTROYED' },
};

/** `secrets/s/versions`, and `secrets/s:addVersion`. */
export function answerVersions(
  parts: SecretsParts,
  call: RestCall,
  id: string,
): WireReply | undefined {
  const { world } = parts;
  if (call.method === 'POST' && call.path.endsWith(':addVersion')) return add(parts, call, id);
  if (call.method !== 'GET') return undefined;
  requireRole(world, call, {
    resource: resourceOf(world, id),
    permission: 'secretmanager.versions.list',
    roles: [...MANAGERS, 'roles/secretmanager.viewer'],
  });
  const wish = json.decodeQuery('ListSecretVersionsRequest', call.query);
  const secret = existing(parts, id);
  const filter = parseFilter(textOf(wish['filter']));
  const all = secret.versions
    .toReversed()
    .map((version) => shown(world, secret, version))
    .filter((version) => filter(version));
  const { items, nextPageToken = '' } = pageOf(all, wish, { most: 25_000, usual: 25_000 });
  const list = { versions: items, nextPageToken, totalSize: all.length };
  return { status: 200, body: json.encode('ListSecretVersionsResponse', list, options(call)) };
}

function add(parts: SecretsParts, call: RestCall, id: string): WireReply {
  const { world, store } = parts;
  const { payload } = json.decode('AddSecretVersionRequest', call.body);
  const secret = existing(parts, id);
  if (!isMap(payload)) {
    throw new GoogleFault('INVALID_ARGUMENT', 'Field [payload] must be set.');
  }
  const data = Buffer.from(textOf(payload['data']), 'base64');
  checkPayload(data);
  const checksum = payload['dataCrc32c'];
  if (checksum !== undefined && checksum !== String(crc32c(data))) {
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      'The checksum [data_crc32c] does not match the data of the payload.',
    );
  }
  const version = store.addVersion(secret, data, checksum !== undefined);
  const body = json.encode('SecretVersion', shown(world, secret, version), options(call));
  return { status: 200, body };
}

/** `secrets/s/versions/v`, with or without a verb. */
export function answerVersion(
  parts: SecretsParts,
  call: RestCall,
  wish: { readonly id: string; readonly version: string; readonly verb: string | undefined },
): WireReply | undefined {
  const { world, store } = parts;
  const { id, version: name, verb } = wish;
  if (verb === 'access') return call.method === 'GET' ? accessed(parts, call, wish) : undefined;
  const isRead = verb === undefined;
  if (call.method !== (isRead ? 'GET' : 'POST')) return undefined;
  const change = isRead ? undefined : VERBS[verb];
  if (!isRead && !change) return undefined;
  requireRole(world, call, {
    resource: resourceOf(world, id),
    permission: `secretmanager.versions.${verb ?? 'get'}`,
    roles: isRead ? [...MANAGERS, 'roles/secretmanager.viewer'] : MANAGERS,
  });
  const request = change && json.decode(change.request, call.body);
  const secret = existing(parts, id);
  const version = existingVersion(world, secret, name);
  const answer = (one: SecretVersion): WireReply => ({
    status: 200,
    body: json.encode('SecretVersion', shown(world, secret, one), options(call)),
  });
  if (!change) return answer(version);
  const full = `${nameOf(world, id)}/versions/${version.number}`;
  checkEtag(full, textOf(request?.['etag']), version.etag);
  if (version.state === 'DESTROYED') throw inState(full, 'DESTROYED');
  return answer(store.setState(secret, version, change.state));
}

function existingVersion(world: World, secret: Secret, name: string): SecretVersion {
  const version = versionOf(secret, name);
  if (version) return version;
  throw new GoogleFault(
    'NOT_FOUND',
    `Secret Version [${nameOf(world, secret.id)}/versions/${name}] not found.`,
  );
}

function inState(name: string, state: string): GoogleFault {
  return new GoogleFault('FAILED_PRECONDITION', `Secret Version [${name}] is in ${state} state.`);
}

function accessed(
  parts: SecretsParts,
  { caller, query }: RestCall,
  { id, version: name }: { readonly id: string; readonly version: string },
): WireReply {
  const { world } = parts;
  json.decodeQuery('AccessSecretVersionRequest', query);
  const { version, payload } = readVersion(parts, caller, id, name);
  const body = {
    name: `${nameOf(world, id)}/versions/${version.number}`,
    payload: { data: payload.toString('base64'), dataCrc32c: String(crc32c(payload)) },
  };
  return { status: 200, body: json.encode('AccessSecretVersionResponse', body) };
}

/** @throws GoogleFault for a caller that may not, and a version that is not there, or not to be read */
export function readVersion(
  parts: SecretsParts,
  caller: Caller,
  id: string,
  name: string,
): { readonly version: SecretVersion; readonly payload: Buffer } {
  const { world } = parts;
  const full = `${nameOf(world, id)}/versions/${name}`;
  if (!world.policies.allows(caller, resourceOf(world, id), ACCESSORS)) {
    throw permissionDenied('secretmanager.versions.access', full);
  }
  const version = existingVersion(world, existing(parts, id), name);
  if (version.state !== 'ENABLED' || !version.payload) {
    throw inState(`${nameOf(world, id)}/versions/${version.number}`, version.state);
  }
  return { version, payload: version.payload };
}

function shown(world: World, secret: Secret, version: SecretVersion): JsonMap {
  const { number, createdAt, destroyedAt, state, hasChecksum, etag } = version;
  return {
    name: `${nameOf(world, secret.id)}/versions/${number}`,
    createTime: new Date(createdAt).toISOString(),
    ...(destroyedAt !== undefined && { destroyTime: new Date(destroyedAt).toISOString() }),
    state,
    replicationStatus: { automatic: {} },
    etag,
    clientSpecifiedPayloadChecksum: hasChecksum,
  };
}
