/** `Microsoft.Web/sites`: made, changed, read and deleted; and their slots, which are made alike. */
import type { ArmCall, WireReply } from '../core/ports.ts';
import { has, textOf, textsOf } from './body.ts';
import { badRequest, invalidParameter, nameTaken, noResource, WebFault } from './faults.ts';
import { openPlanes, closePlanes } from './front/planes.ts';
import type { Hosts } from './hosts.ts';
import { describeSite } from './site-view.ts';
import { readPlan, readSite, type SiteWish } from './site-wish.ts';
import {
  CREATE_MS,
  UPDATE_MS,
  fullName,
  type AppState,
  type PlanFamily,
  type WebState,
} from './state.ts';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])$/i;
/** Slots beside production. */
const SLOTS: Readonly<Record<PlanFamily, number>> = { flex: 0, consumption: 0, premium: 2 };

/** What a path names. */
interface AppPath {
  readonly id: string;
  readonly group: string;
  readonly site: string;
  readonly slot: string | undefined;
}

export function isSiteName(name: string): boolean {
  return NAME.test(name);
}

/** Whether a site somewhere in the cloud has the name. */
export function isNameTaken(state: WebState, name: string): boolean {
  const wanted = name.toLowerCase();
  return (
    [...state.foreignNames].some((taken) => taken.toLowerCase() === wanted) ||
    [...state.apps.values()].some((app) => fullName(app).toLowerCase() === wanted)
  );
}

export function findApp(state: WebState, path: AppPath): AppState {
  const app = state.app(path.id);
  if (app) return app;
  throw path.slot === undefined
    ? noResource('sites', path.site, path.group)
    : noResource('sites', `${path.site}/slots/${path.slot}`, path.group);
}

export async function putSite(
  state: WebState,
  hosts: Hosts,
  call: ArmCall,
  path: AppPath,
): Promise<WireReply> {
  const before = state.app(path.id);
  if (before) return replace(state, hosts, call, before);
  const made = path.slot === undefined ? newSite(state, call, path) : newSlot(state, call, path);
  state.apps.set(path.id.toLowerCase(), made);
  made.operation = state.operation('Create');
  await openPlanes(state, hosts, made);
  const headers = state.world.operations.begin({
    durationMs: CREATE_MS,
    end: () => {
      made.operation = undefined;
      if (!made.isGone) hosts.restart(made);
    },
  });
  return { status: 202, headers, body: describeSite(state, made) };
}

function newSite(state: WebState, call: ArmCall, path: AppPath): AppState {
  if (!isSiteName(path.site)) throw badRequest('Site name {0} is invalid.', path.site);
  const { body } = call;
  if (!has(body, 'location')) throw invalidParameter('location');
  if (isNameTaken(state, path.site)) throw nameTaken(path.site);
  const plan = readPlan(state, body, path.site);
  const wish = readSite(state, path.id, body, plan.family, undefined, false);
  return fresh(state, path, wish, {
    location: plan.location,
    planId: plan.id,
    kind: textOf(body, 'kind') ?? 'functionapp,linux',
    tags: textsOf(body, 'tags') ?? {},
  });
}

function newSlot(state: WebState, call: ArmCall, path: AppPath): AppState {
  const site = findApp(state, { ...path, id: path.id.split('/slots/')[0] ?? '', slot: undefined });
  const plan = state.planOf(site);
  state.refuseBusy(site);
  if (!isSiteName(path.slot ?? '')) throw invalidParameter('slot');
  const name = `${path.site}-${path.slot ?? ''}`;
  if (isNameTaken(state, name)) throw nameTaken(name);
  if (state.slotsOf(site).length >= SLOTS[plan.family]) {
    throw new WebFault(
      409,
      "Cannot complete the operation because the site will exceed the number of slots allowed for the '{0}' SKU.",
      [plan.sku.tier],
      '04068',
    );
  }
  const { body } = call;
  // A slot begins without the settings of its site.
  const before = { ...site, settings: {}, identity: { system: undefined, user: [] } };
  const wish = readSite(state, path.id, body, plan.family, before, false);
  return fresh(state, path, wish, {
    location: site.location,
    planId: site.planId,
    kind: site.kind,
    tags: textsOf(body, 'tags') ?? {},
  });
}

function fresh(
  state: WebState,
  path: AppPath,
  wish: SiteWish,
  base: Pick<AppState, 'location' | 'planId' | 'kind' | 'tags'>,
): AppState {
  return {
    ...base,
    ...wish,
    id: path.id,
    name: path.site,
    slot: path.slot,
    group: path.group,
    sticky: {},
    authSettings: {},
    isStopped: false,
    modifiedAt: state.now(),
    operation: undefined,
    host: '',
    scmHost: '',
    deployments: [],
    isKnown: false,
    keys: undefined,
    run: undefined,
    startingUntil: 0,
    cancelTimer: undefined,
    listed: [],
    listing: undefined,
    isGone: false,
  };
}

/** A PUT on a site that is there. What is not given of the settings stays; tags are replaced. */
function replace(state: WebState, hosts: Hosts, call: ArmCall, app: AppState): WireReply {
  state.refuseBusy(app);
  const { body } = call;
  if (app.slot === undefined) {
    const plan = readPlan(state, body, app.name);
    if (plan.id.toLowerCase() !== app.planId.toLowerCase()) {
      throw badRequest('The site {0} cannot be moved to the plan {1}.', app.name, plan.name);
    }
  }
  const wish = readSite(state, app.id, body, state.planOf(app).family, app, false);
  Object.assign(app, wish, { tags: textsOf(body, 'tags') ?? {} });
  return update(state, hosts, app, 'Update');
}

/** A PATCH: only what is given changes. New tags alone restart nothing. */
export function patchSite(state: WebState, hosts: Hosts, call: ArmCall, path: AppPath): WireReply {
  const app = findApp(state, path);
  state.refuseBusy(app);
  const { body } = call;
  const wish = readSite(state, app.id, body, state.planOf(app).family, app, true);
  Object.assign(app, wish, { tags: textsOf(body, 'tags') ?? app.tags });
  if (has(body, 'properties') || has(body, 'identity')) return update(state, hosts, app, 'Update');
  app.modifiedAt = state.now();
  return { status: 200, body: describeSite(state, app) };
}

function update(state: WebState, hosts: Hosts, app: AppState, name: string): WireReply {
  app.modifiedAt = state.now();
  app.operation = state.operation(name);
  const headers = state.world.operations.begin({
    durationMs: UPDATE_MS,
    end: () => {
      app.operation = undefined;
      if (app.isGone) return;
      hosts.restart(app);
    },
  });
  return { status: 202, headers, body: describeSite(state, app) };
}

export async function deleteSite(
  state: WebState,
  hosts: Hosts,
  call: ArmCall,
  path: AppPath,
): Promise<WireReply> {
  const app = state.app(path.id);
  if (!app) return { status: 204 };
  state.refuseBusy(app);
  await dropApp(state, hosts, app);
  // The plan goes with its last site, unless it is asked to stay.
  const isKept = call.query.get('deleteEmptyServerFarm')?.toLowerCase() === 'false';
  if (app.slot === undefined && !isKept && state.appsOn(app.planId).length === 0) {
    state.plans.delete(app.planId.toLowerCase());
  }
  return { status: 200 };
}

export async function dropApp(state: WebState, hosts: Hosts, app: AppState): Promise<void> {
  const slots = app.slot === undefined ? state.slotsOf(app) : [];
  if (app.slot === undefined) state.noteGone(app, describeSite(state, app));
  app.isGone = true;
  state.apps.delete(app.id.toLowerCase());
  hosts.end(app);
  hosts.tell(app);
  await Promise.all([closePlanes(state, app), ...slots.map((slot) => dropApp(state, hosts, slot))]);
}
