/** Cloud Functions v2: https://cloud.google.com/functions/docs/reference/rest/v2 */
import { answerPolicyCall, requireRole } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf } from '../core/json.ts';
import { pageOf, parseFilter } from '../core/list-filter.ts';
import { protoJson, wantsEnumNumbers } from '../core/proto-json.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import type { FunctionChanges } from './changes.ts';
import { isLocation } from './locations.ts';
import { runtimeList } from './runtimes.ts';
import type { FunctionStore } from './store.ts';
import { shown } from './view.ts';

export interface FunctionsParts {
  readonly world: World;
  readonly store: FunctionStore;
  readonly changes: FunctionChanges;
}

const PATH =
  /^\/v2\/(?<parent>projects\/[^/]+\/locations\/(?<location>[^/]+))\/(?<kind>functions|operations|runtimes)(?:\/(?<id>[^/:]+))?(?::(?<verb>\w+))?$/;
const ADMIN = ['roles/cloudfunctions.admin', 'roles/cloudfunctions.developer'];
const VIEWER = [...ADMIN, 'roles/cloudfunctions.viewer'];
const json = protoJson('functions');

interface Place {
  /** `projects/p/locations/l` */
  readonly parent: string;
  readonly location: string;
  readonly id: string | undefined;
  readonly verb: string | undefined;
}

export function createFunctionsApi(parts: FunctionsParts): ApiService {
  const { store } = parts;
  return {
    api: 'functions',
    async handle(call) {
      const found = PATH.exec(call.path)?.groups;
      if (!found) return undefined;
      const { parent = '', location = '', kind, id, verb } = found;
      const place = { parent, location, id, verb };
      checkLocation(location, call, id === undefined && kind === 'functions');
      if (kind === 'operations') return operation(parts, call, place);
      if (kind === 'runtimes') return runtimes(parts, call, place);
      return id === undefined ? ofLocation(parts, call, place) : ofFunction(parts, call, place);
    },
    inventory: () => store.all.map(({ name }) => `function ${name.split('/').at(-1) ?? name}`),
  };
}

function checkLocation(location: string, { method }: RestCall, isList: boolean): void {
  if (isLocation(location) || (location === '-' && isList && method === 'GET')) return;
  throw new GoogleFault(
    'PERMISSION_DENIED',
    `Location ${location} is not found or access is unauthorized.`,
  );
}

function need(
  { world }: FunctionsParts,
  call: RestCall,
  permission: string,
  roles: readonly string[] = ADMIN,
): void {
  const resource = call.path.replace(/^\/v2\//, '').replace(/:\w+$/, '');
  requireRole(world, call, { resource, permission: `cloudfunctions.${permission}`, roles });
}

function encoded(call: RestCall, message: string, value: object): WireReply {
  const enumsAsNumbers = wantsEnumNumbers(call.query);
  return { status: 200, body: json.encode(message, value, { enumsAsNumbers }) };
}

async function ofLocation(
  parts: FunctionsParts,
  call: RestCall,
  { parent, location, verb }: Place,
): Promise<WireReply | undefined> {
  const { world, store, changes } = parts;
  if (verb === 'generateUploadUrl' && call.method === 'POST') {
    need(parts, call, 'functions.sourceCodeSet');
    const wish = json.decode('GenerateUploadUrlRequest', call.body);
    if (wish['environment'] === 'GEN_1') {
      throw new GoogleFault('INVALID_ARGUMENT', 'The environment must be GEN_2.');
    }
    const { uploadUrl, ...storageSource } = world.storage.uploadUrl();
    return encoded(call, 'GenerateUploadUrlResponse', { uploadUrl, storageSource });
  }
  if (verb !== undefined) return undefined;
  if (call.method === 'GET') {
    need(parts, call, 'functions.list', VIEWER);
    const wish = json.decodeQuery('ListFunctionsRequest', call.query);
    const filter = parseFilter(textOf(wish['filter']));
    const all = store.all
      .filter(({ name }) => location === '-' || name.startsWith(`${parent}/`))
      .map((one) => shown(world, one))
      .filter((one) => filter(one));
    const { items, nextPageToken = '' } = pageOf(all, wish, { most: 1_000, usual: 1_000 });
    return encoded(call, 'ListFunctionsResponse', { functions: items, nextPageToken });
  }
  if (call.method !== 'POST') return undefined;
  need(parts, call, 'functions.create');
  const { functionId } = json.decodeQuery('CreateFunctionRequest', call.query);
  const wish = json.decode('Function', call.body, 'function');
  const begun = changes.create(call, {
    name: `${parent}/functions/${textOf(functionId)}`,
    wish: json.inputOf('Function', wish),
  });
  return encoded(call, 'google.longrunning.Operation', begun);
}

async function ofFunction(
  parts: FunctionsParts,
  call: RestCall,
  { parent, id = '', verb }: Place,
): Promise<WireReply | undefined> {
  const { world, store, changes } = parts;
  const name = `${parent}/functions/${id}`;
  if (verb !== undefined) {
    if (call.method !== (verb === 'getIamPolicy' ? 'GET' : 'POST')) return undefined;
    need(parts, call, `functions.${verb}`, ['roles/cloudfunctions.admin']);
    if (!store.get(name)) throw notFound(name);
    return answerPolicyCall(world, name, verb, call.body);
  }
  if (call.method === 'GET') {
    need(parts, call, 'functions.get', VIEWER);
    json.decodeQuery('GetFunctionRequest', call.query);
    const found = store.get(name);
    if (!found) throw notFound(name);
    return encoded(call, 'Function', shown(world, found));
  }
  if (call.method === 'DELETE') {
    need(parts, call, 'functions.delete');
    json.decodeQuery('DeleteFunctionRequest', call.query);
    const found = store.get(name);
    if (!found) throw notFound(name);
    return encoded(call, 'google.longrunning.Operation', changes.delete(found));
  }
  if (call.method !== 'PATCH') return undefined;
  need(parts, call, 'functions.update');
  const { updateMask } = json.decodeQuery('UpdateFunctionRequest', call.query);
  const paths = json.maskOf('Function', updateMask);
  const body = json.decode('Function', call.body, 'function');
  const told = textOf(body['name']);
  if (told !== '' && told !== name && told !== numbered(world, name)) {
    throw new GoogleFault('INVALID_ARGUMENT', `The name "${told}" is not that of the request.`);
  }
  const found = store.get(name);
  if (!found) throw notFound(name);
  const wish = json.inputOf('Function', body);
  return encoded(
    call,
    'google.longrunning.Operation',
    changes.update(call, { stored: found, wish, paths }),
  );
}

function numbered({ projectId, projectNumber }: World, name: string): string {
  return name.replace(`projects/${projectId}/`, `projects/${projectNumber}/`);
}

function notFound(name: string): GoogleFault {
  return new GoogleFault('NOT_FOUND', `Resource '${name}' was not found`);
}

function operation(
  parts: FunctionsParts,
  call: RestCall,
  { parent, id, verb }: Place,
): WireReply | undefined {
  if (call.method !== 'GET' || id === undefined || verb !== undefined) return undefined;
  need(parts, call, 'operations.get', VIEWER);
  const name = `${parent}/operations/${id}`;
  const found = parts.world.operations.get(name);
  if (found) return encoded(call, 'google.longrunning.Operation', found);
  throw new GoogleFault('NOT_FOUND', `Operation '${name}' was not found`);
}

function runtimes(
  parts: FunctionsParts,
  call: RestCall,
  { id, verb }: Place,
): WireReply | undefined {
  if (call.method !== 'GET' || id !== undefined || verb !== undefined) return undefined;
  need(parts, call, 'runtimes.list', VIEWER);
  const wish = json.decodeQuery('ListRuntimesRequest', call.query);
  const filter = parseFilter(textOf(wish['filter']));
  const all = runtimeList().filter((one) => filter(mapOf(one)));
  return encoded(call, 'ListRuntimesResponse', { runtimes: all });
}
