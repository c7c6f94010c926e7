/** Functions and keys of a site, as Resource Manager shows them. */
import type { ArmCall, RegisteredFunction, WireReply } from '../core/ports.ts';
import type { Json } from './body.ts';
import { textOf } from './body.ts';
import { WebFault } from './faults.ts';
import { newKey, type Hosts } from './hosts.ts';
import type { AppState, HostKeys, WebState } from './state.ts';

/** What is registered in the present package. Starts the host if need be. */
async function listFunctions(hosts: Hosts, app: AppState): Promise<readonly Json[]> {
  const run = hosts.present(app);
  const registered = await run.host.functions();
  app.listed = registered.map((found) => describeFunction(app, run.settings, found));
  return app.listed;
}

function describeFunction(
  app: AppState,
  settings: Readonly<Record<string, string>>,
  { name, bindings }: RegisteredFunction,
): Json {
  const route = Object.values(bindings).find((binding) => isHttp(binding))?.['route'];
  const path = typeof route === 'string' ? route : name;
  return {
    id: `${app.id}/functions/${name}`,
    name: `${app.name}/${app.slot === undefined ? '' : `${app.slot}/`}${name}`,
    type:
      app.slot === undefined
        ? 'Microsoft.Web/sites/functions'
        : 'Microsoft.Web/sites/slots/functions',
    properties: {
      name,
      href: `http://${app.host}/admin/functions/${name}`,
      language: 'node',
      isDisabled: isDisabled(settings, name),
      config: {
        name,
        language: 'node',
        bindings: Object.entries(bindings).map(([key, binding]) => ({ name: key, ...binding })),
      },
      ...(route !== undefined && { invoke_url_template: `http://${app.host}/${path}` }),
    },
  };
}

function isHttp(binding: Readonly<Record<string, unknown>>): boolean {
  return String(binding['type']).toLowerCase() === 'httptrigger';
}

function isDisabled(settings: Readonly<Record<string, string>>, name: string): boolean {
  const names = [`AzureWebJobs.${name}.Disabled`, `AzureWebJobs_${name}_Disabled`];
  return names.some((setting) => /^(true|1)$/i.test(settings[setting] ?? ''));
}

/** What the platform knows of the functions: after a publish on Flex, for a while, what was there before. */
async function known(state: WebState, hosts: Hosts, app: AppState): Promise<readonly Json[]> {
  if (!app.isKnown || app.isStopped) return [];
  if (app.listing && state.now() < app.listing.until) return app.listing.items;
  return listFunctions(hosts, app);
}

export async function getFunctions(
  state: WebState,
  hosts: Hosts,
  app: AppState,
): Promise<WireReply> {
  return { status: 200, body: { value: await known(state, hosts, app) } };
}

async function findFunction(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  name: string,
): Promise<Json> {
  const found = (await known(state, hosts, app)).find(
    (each) => textOf(each, 'properties', 'name')?.toLowerCase() === name.toLowerCase(),
  );
  if (found) return found;
  throw new WebFault(404, 'Function {0} was not found.', [name], '');
}

export async function getFunction(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  name: string,
): Promise<WireReply> {
  return { status: 200, body: await findFunction(state, hosts, app, name) };
}

/** `{"default":"KEY"}`, without the `properties` that its own description promises. */
export async function listFunctionKeys(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  name: string,
): Promise<WireReply> {
  await findFunction(state, hosts, app, name);
  return { status: 200, body: { default: functionKey(keysOf(app), name) } };
}

export async function listFunctionSecrets(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  name: string,
): Promise<WireReply> {
  const found = await findFunction(state, hosts, app, name);
  const key = functionKey(keysOf(app), name);
  const url = textOf(found, 'properties', 'invoke_url_template') ?? '';
  return { status: 200, body: { key, trigger_url: `${url}?code=${encodeURIComponent(key)}` } };
}

function functionKey(keys: HostKeys, name: string): string {
  const key = keys.ofFunctions.get(name.toLowerCase()) ?? newKey();
  keys.ofFunctions.set(name.toLowerCase(), key);
  return key;
}

/** Throws until the host ran for the first time. */
function keysOf(app: AppState): HostKeys {
  if (app.keys) return app.keys;
  throw new WebFault(404, 'Error retrieving master key.', [], '');
}

export async function listHostKeys(hosts: Hosts, app: AppState): Promise<WireReply> {
  const keys = keysOf(app);
  const isRunning = app.isKnown && !app.isStopped;
  const registered = isRunning ? await hosts.present(app).host.functions() : [];
  for (const [type, name] of SYSTEM_KEYS) {
    const isUsed = registered.some(({ bindings }) =>
      Object.values(bindings).some((binding) => String(binding['type']).toLowerCase() === type),
    );
    if (isUsed && !keys.system.has(name)) keys.system.set(name, newKey());
  }
  return {
    status: 200,
    body: {
      masterKey: keys.master,
      functionKeys: Object.fromEntries(keys.functions),
      systemKeys: Object.fromEntries(keys.system),
    },
  };
}

const SYSTEM_KEYS = [
  ['blobtrigger', 'blobs_extension'],
  ['eventgridtrigger', 'eventgrid_extension'],
] as const;

/** Keys of one's own: `host/default/functionkeys/NAME` and `host/default/systemkeys/NAME`. */
export function putHostKey(
  app: AppState,
  call: ArmCall,
  kind: string,
  name: string,
): WireReply | undefined {
  const keys = keysOf(app);
  const kept = new Map([
    ['functionkeys', keys.functions],
    ['systemkeys', keys.system],
  ]).get(kind.toLowerCase());
  if (!kept) return undefined;
  if (call.method === 'DELETE') return { status: kept.delete(name) ? 204 : 404 };
  const isNew = !kept.has(name);
  const value = textOf(call.body, 'properties', 'value') ?? newKey();
  kept.set(name, value);
  return {
    status: isNew ? 201 : 200,
    body: {
      id: `${app.id}/host/default/${kind}/${name}`,
      name,
      type: 'Microsoft.Web/sites/host/functionKeys',
      properties: { name, value },
    },
  };
}

/** Makes the triggers known to what wakes the host. Answers 200, whatever the description says. */
export function syncTriggers(hosts: Hosts, app: AppState): WireReply {
  const wasKnown = app.isKnown;
  app.isKnown = true;
  if (!wasKnown) hosts.tell(app);
  return { status: 200, body: { status: 'success' } };
}
