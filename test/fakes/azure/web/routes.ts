/** What can be asked of a site or a slot, by the rest of the path behind its name. */
import type { ArmCall, WireReply } from '../core/ports.ts';
import * as config from './app-config.ts';
import { objectOf, textOf } from './body.ts';
import { WebFault, badRequest, notFound } from './faults.ts';
import * as functions from './functions-api.ts';
import type { Hosts } from './hosts.ts';
import { describeDeployment, findDeployment, publish } from './publish.ts';
import { describeSite } from './site-view.ts';
import { swapSlots } from './slots.ts';
import type { AppState, WebState } from './state.ts';

interface Request {
  readonly state: WebState;
  readonly hosts: Hosts;
  readonly app: AppState;
  readonly call: ArmCall;
  /** What stands for `*` in the route. */
  readonly names: readonly string[];
}

type Handler = (request: Request) => WireReply | undefined | Promise<WireReply | undefined>;

const ONE_DEPLOY = 'PUT extensions/onedeploy';

const ROUTES: Readonly<Record<string, Handler>> = {
  'POST restart': ({ state, hosts, app }) => {
    state.refuseBusy(app);
    hosts.restart(app);
    return { status: 200 };
  },
  'POST stop': ({ state, hosts, app }) => {
    state.refuseBusy(app);
    app.isStopped = true;
    hosts.restart(app);
    return { status: 200 };
  },
  'POST start': ({ state, hosts, app }) => {
    state.refuseBusy(app);
    app.isStopped = false;
    hosts.restart(app);
    return { status: 200 };
  },
  'GET slots': ({ state, app }) => ({
    status: 200,
    body: { value: state.slotsOf(app).map((slot) => describeSite(state, slot)) },
  }),
  'POST slotsswap': ({ state, hosts, app, call }) => swapSlots(state, hosts, app, call),
  'POST config/appsettings/list': ({ app }) => config.listAppSettings(app),
  'PUT config/appsettings': ({ state, hosts, app, call }) =>
    config.putAppSettings(state, hosts, app, call),
  'GET config/web': ({ app }) => config.getWebConfig(app),
  'PUT config/web': ({ state, hosts, app, call }) =>
    config.changeWebConfig(state, hosts, app, call),
  'PATCH config/web': ({ state, hosts, app, call }) =>
    config.changeWebConfig(state, hosts, app, call),
  'DELETE networkconfig/virtualnetwork': ({ state, hosts, app }) =>
    config.leaveSubnet(state, hosts, app),
  'GET config/authsettingsv2': ({ state, hosts, app, call }) =>
    config.authSettings(state, hosts, app, call),
  'GET config/authsettingsv2/list': ({ state, hosts, app, call }) =>
    config.authSettings(state, hosts, app, call),
  'PUT config/authsettingsv2': ({ state, hosts, app, call }) =>
    config.authSettings(state, hosts, app, call),
  'GET config/slotconfignames': ({ state, app, call }) => config.slotConfigNames(state, app, call),
  'PUT config/slotconfignames': ({ state, app, call }) => config.slotConfigNames(state, app, call),
  'GET config/configreferences/appsettings': ({ state, app }) =>
    config.listReferences(state, app, undefined),
  'GET config/configreferences/appsettings/*': ({ state, app, names }) =>
    config.listReferences(state, app, names[0]),
  'POST host/default/listkeys': ({ hosts, app }) => functions.listHostKeys(hosts, app),
  'PUT host/default/*/*': ({ app, call, names: [kind = '', name = ''] }) =>
    functions.putHostKey(app, call, kind, name),
  'DELETE host/default/*/*': ({ app, call, names: [kind = '', name = ''] }) =>
    functions.putHostKey(app, call, kind, name),
  'POST host/default/sync': ({ hosts, app }) => functions.syncTriggers(hosts, app),
  'POST syncfunctiontriggers': ({ hosts, app }) => functions.syncTriggers(hosts, app),
  'GET functions': ({ state, hosts, app }) => functions.getFunctions(state, hosts, app),
  'GET functions/*': ({ state, hosts, app, names: [name = ''] }) =>
    functions.getFunction(state, hosts, app, name),
  'POST functions/*/listkeys': ({ state, hosts, app, names: [name = ''] }) =>
    functions.listFunctionKeys(state, hosts, app, name),
  'POST functions/*/listsecrets': ({ state, hosts, app, names: [name = ''] }) =>
    functions.listFunctionSecrets(state, hosts, app, name),
  [ONE_DEPLOY]: oneDeploy,
  'GET deployments': ({ state, app }) => ({
    status: 200,
    body: {
      value: app.deployments
        .toReversed()
        .map((deployment) => armDeployment(state, app, deployment.id)),
    },
  }),
  'GET deployments/*': ({ state, app, call, names: [id = ''] }) => {
    const deployment = findDeployment(app, id);
    if (!deployment) throw notFound('Deployment {0} not found.', id);
    return {
      status: deployment.outcome ? 200 : 202,
      ...(!deployment.outcome && { headers: pollHeaders(state, app, call.apiVersion) }),
      body: armDeployment(state, app, deployment.id),
    };
  },
};

/** Undefined: there is no such thing below a site. */
export async function handleApp(
  request: Omit<Request, 'names'>,
  rest: readonly string[],
): Promise<WireReply | undefined> {
  for (const [route, handle] of Object.entries(ROUTES)) {
    const [method, path = ''] = route.split(' ');
    if (method !== request.call.method) continue;
    const names = match(path.split('/'), rest);
    if (names) return handle({ ...request, names });
  }
  return undefined;
}

function match(route: readonly string[], path: readonly string[]): readonly string[] | undefined {
  if (route.length !== path.length) return undefined;
  const names: string[] = [];
  for (const [index, part] of route.entries()) {
    const given = path[index] ?? '';
    if (part === '*') names.push(given);
    else if (part !== given.toLowerCase()) return undefined;
  }
  return names;
}

function oneDeploy({ state, hosts, app, call }: Request): WireReply {
  const { oneDeployStatus } = state.behaviour;
  if (oneDeployStatus !== 200) {
    throw new WebFault(oneDeployStatus, 'The operation {0} is not supported.', ['OneDeploy'], '');
  }
  const { family } = state.planOf(app);
  if (family !== 'flex') {
    throw badRequest('One Deploy is not supported on the plan {0}.', state.planOf(app).sku.name);
  }
  const uri = textOf(call.body, 'properties', 'packageUri');
  if (uri === undefined || !URL.canParse(uri)) {
    throw badRequest("'{0}' is required for the deployment of a package.", 'packageUri');
  }
  const deployment = publish(state, hosts, app, {
    zip: state.world.blobs.readBySas(uri),
    deployer: 'One-Deploy',
    remoteBuild: objectOf(call.body, 'properties')['remoteBuild'] === true,
  });
  return {
    status: 202,
    headers: pollHeaders(state, app, call.apiVersion),
    body: armDeployment(state, app, deployment.id),
  };
}

function pollHeaders(
  state: WebState,
  app: AppState,
  apiVersion: string,
): Readonly<Record<string, string>> {
  return {
    location: `${state.world.endpoint}${app.id}/deployments/latest?api-version=${apiVersion}`,
    'retry-after': '1',
  };
}

function armDeployment(state: WebState, app: AppState, id: string): object {
  const deployment = findDeployment(app, id);
  if (!deployment) return {};
  return {
    id: `${app.id}/deployments/${deployment.id}`,
    name: deployment.id,
    type: 'Microsoft.Web/sites/deployments',
    location: app.location,
    properties: describeDeployment(state, app, deployment),
  };
}
