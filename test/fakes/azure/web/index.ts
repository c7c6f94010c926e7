/** Microsoft.Web: plans, function apps, their slots, keys and packages; and the addresses that they answer at. */
import { requireApiVersion } from '../core/api-versions.ts';
import { pageOf } from '../core/pages.ts';
import type { ArmCall, ArmProvider, WebPort, WireReply, World } from '../core/ports.ts';
import { ArmFault, type PlaneHost } from '../core/service.ts';
import { textOf } from './body.ts';
import { hostConfig, resolvedSettings } from './environment.ts';
import { WebFault } from './faults.ts';
import { Hosts } from './hosts.ts';
import { describePlan, handlePlan } from './plans.ts';
import { handleApp } from './routes.ts';
import { describeSite } from './site-view.ts';
import * as sites from './sites.ts';
import { WebState, identitiesOf, type AppState, type Behaviour } from './state.ts';

export type { Behaviour } from './state.ts';

export interface WebFake extends WebPort, ArmProvider {
  readonly namespace: 'Microsoft.Web';
  /** What tests may change of the platform. */
  readonly behaviour: Behaviour;
  /** A site of that name comes to be in somebody else's subscription. */
  plantForeignName(name: string): void;
}

export function createWeb(world: World, planes: PlaneHost): WebFake {
  const state = new WebState(world, planes);
  const hosts = new Hosts(state);
  const present = (siteId: string): AppState | undefined => {
    const app = state.app(siteId);
    return app && !app.isStopped ? app : undefined;
  };
  return {
    namespace: 'Microsoft.Web',
    behaviour: state.behaviour,
    plantForeignName: (name) => void state.foreignNames.add(name),

    async handle(call) {
      try {
        return await dispatch(state, hosts, call);
      } catch (error) {
        if (error instanceof WebFault) return error.reply();
        throw error;
      }
    },
    resourcesIn: (group) => [
      ...state
        .sites()
        .filter(inGroup(group))
        .map(({ id }) => id),
      ...[...state.plans.values()].filter(inGroup(group)).map(({ id }) => id),
    ],
    deleteGroup(group) {
      for (const app of state.sites().filter(inGroup(group))) {
        world.work.run(() => sites.dropApp(state, hosts, app));
      }
      for (const plan of state.plans.values()) {
        if (inGroup(group)(plan)) state.plans.delete(plan.id.toLowerCase());
      }
    },
    tags: (id) => state.app(id)?.tags ?? state.plan(id)?.tags,
    setTags(id, tags) {
      const found = state.app(id) ?? state.plan(id);
      if (found) found.tags = tags;
    },
    inventory: () => [
      ...[...state.plans.values()].map(({ name }) => `web plan ${name}`),
      ...[...state.apps.values()].map(({ name, slot }) =>
        slot === undefined ? `web site ${name}` : `web slot ${name}/${slot}`,
      ),
    ],
    async stop() {
      await Promise.all(
        [...state.apps.values()].map(async (app) => {
          app.isGone = true;
          app.cancelTimer?.();
          await app.run?.host.stop();
          app.run = undefined;
        }),
      );
    },

    hostOf(siteId) {
      const app = present(siteId);
      return app?.isKnown === true ? hosts.present(app).host : undefined;
    },
    siteIds: () => [...state.apps.values()].map(({ id }) => id),
    onRestart: (listener) => hosts.onRestart(listener),
    settingsOf(siteId) {
      const app = state.app(siteId);
      return app ? (app.run?.settings ?? resolvedSettings(state, app)) : {};
    },
    identitiesOf(siteId) {
      const app = state.app(siteId);
      return app ? identitiesOf(state, app) : {};
    },
    hostConfigOf(siteId) {
      const app = present(siteId);
      const run = app?.isKnown === true ? hosts.present(app) : app?.run;
      return run ? hostConfig(run.files, run.settings) : {};
    },
  };
}

function inGroup(group: string): (resource: { readonly group: string }) => boolean {
  return (resource) => resource.group.toLowerCase() === group.toLowerCase();
}

const API_VERSIONS = [
  '2021-02-01',
  '2022-03-01',
  '2022-09-01',
  '2023-01-01',
  '2023-12-01',
  '2024-04-01',
  '2024-11-01',
  '2025-03-01',
  '2025-05-01',
];
const GROUP =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.web\/(.+)$/i;
const SUBSCRIPTION = /^\/subscriptions\/([^/]+)\/providers\/microsoft\.web\/(.+)$/i;

async function dispatch(
  state: WebState,
  hosts: Hosts,
  call: ArmCall,
): Promise<WireReply | undefined> {
  requireApiVersion('Microsoft.Web/sites', call.apiVersion, API_VERSIONS);
  const grouped = GROUP.exec(call.path);
  if (!grouped) return inSubscription(state, call);
  const [, subscription = '', group = '', below = ''] = grouped;
  const [type = '', name, ...rest] = below.split('/');
  const base = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Web`;
  if (name === undefined) return list(state, call, type, inGroup(group));
  if (type.toLowerCase() === 'serverfarms') {
    if (rest.length > 0) return undefined;
    return handlePlan(state, call, { id: `${base}/serverfarms/${name}`, name, group });
  }
  if (type.toLowerCase() !== 'sites') return undefined;
  const isSlot = rest[0]?.toLowerCase() === 'slots' && rest[1] !== undefined;
  const slot = isSlot ? rest[1] : undefined;
  const id = `${base}/sites/${name}${slot === undefined ? '' : `/slots/${slot}`}`;
  const path = { id, group, site: name, slot };
  const below2 = isSlot ? rest.slice(2) : rest;
  if (below2.length > 0) {
    return handleApp({ state, hosts, call, app: sites.findApp(state, path) }, below2);
  }
  if (call.method === 'PUT') return sites.putSite(state, hosts, call, path);
  if (call.method === 'PATCH') return sites.patchSite(state, hosts, call, path);
  if (call.method === 'DELETE') return sites.deleteSite(state, hosts, call, path);
  if (call.method !== 'GET') return undefined;
  return { status: 200, body: describeSite(state, sites.findApp(state, path)) };
}

function inSubscription(state: WebState, call: ArmCall): WireReply | undefined {
  const [, , below = ''] = SUBSCRIPTION.exec(call.path) ?? [];
  if (below.toLowerCase() === 'checknameavailability' && call.method === 'POST') {
    return checkName(state, call);
  }
  return list(state, call, below, () => true);
}

function list(
  state: WebState,
  call: ArmCall,
  type: string,
  isWanted: (resource: { readonly group: string }) => boolean,
): WireReply | undefined {
  if (call.method !== 'GET') return undefined;
  if (type.toLowerCase() === 'sites') {
    const found = state.sites().filter(isWanted);
    const gone = state.listedStill().filter(isWanted);
    const views = [
      ...found.map((app) => describeSite(state, app)),
      ...gone.map(({ view }) => view),
    ];
    return pageOf(state.world.endpoint, call, views);
  }
  if (type.toLowerCase() !== 'serverfarms') return undefined;
  const found = [...state.plans.values()].filter(isWanted);
  return { status: 200, body: { value: found.map((plan) => describePlan(state, plan)) } };
}

function checkName(state: WebState, call: ArmCall): WireReply {
  const name = textOf(call.body, 'name') ?? '';
  const type = textOf(call.body, 'type') ?? '';
  if (!/^(Microsoft\.Web\/sites|Site|Microsoft\.Web\/sites\/slots|Slot)$/i.test(type)) {
    throw new ArmFault(400, 'BadRequest', `The type '${type}' is not supported.`);
  }
  if (!sites.isSiteName(name)) {
    const message = `The name '${name}' is not valid: it must have 2 to 60 letters, digits and hyphens, and begin and end with none.`;
    return { status: 200, body: { nameAvailable: false, reason: 'Invalid', message } };
  }
  if (sites.isNameTaken(state, name)) {
    const message = `Hostname '${name}' already exists. Please select a different name.`;
    return { status: 200, body: { nameAvailable: false, reason: 'AlreadyExists', message } };
  }
  return { status: 200, body: { nameAvailable: true, reason: '', message: '' } };
}
