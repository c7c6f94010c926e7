/** All that App Service remembers. */
import { randomUUID } from 'node:crypto';
import type { PlaneHost } from '../core/service.ts';
import type { Caller, RuntimePort, World } from '../core/ports.ts';
import { objectOf, textOf, type Json } from './body.ts';
import { siteBusy, type Operation } from './faults.ts';

/** How long things take, on the clock. */
export const PLAN_MS = 500;
export const CREATE_MS = 1500;
export const UPDATE_MS = 1000;
/** Until new settings reach the host. */
export const SETTINGS_MS = 1000;
export const PUBLISH_MS = 3000;
export const SWAP_MS = 3000;
/** After a package was published, the front says so long that nobody is there. */
export const STARTING_MS = 1000;
/** So long Flex lists the functions of before. */
export const LISTING_LAG_MS = 3000;

export type PlanFamily = 'flex' | 'consumption' | 'premium';

export interface PlanState {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly location: string;
  readonly kind: string;
  readonly family: PlanFamily;
  sku: { readonly name: string; readonly tier: string };
  reserved: boolean;
  tags: Readonly<Record<string, string>>;
  maximumElasticWorkerCount: number;
  zoneRedundant: boolean;
  operation: Operation | undefined;
}

/** A host as the runtime starts it. */
export type SiteHost = ReturnType<RuntimePort['start']>;

export type Files = ReadonlyMap<string, Buffer>;

/** One generation of a site. */
export interface Run {
  readonly host: SiteHost;
  /** Why there is no host that works. */
  readonly problems: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly files: Files | undefined;
}

export interface HostKeys {
  readonly master: string;
  readonly functions: Map<string, string>;
  readonly system: Map<string, string>;
  /** By function, in lower case. */
  readonly ofFunctions: Map<string, string>;
}

export interface IdentityState {
  system: { readonly principalId: string; readonly clientId: string } | undefined;
  /** ARM ids of user-assigned identities, as they were given. */
  user: readonly string[];
}

export interface DeploymentState {
  readonly id: string;
  readonly deployer: string;
  readonly startedAt: number;
  readonly remoteBuild: boolean;
  /** Once it is over. */
  outcome: { readonly ok: boolean; readonly text: string; readonly at: number } | undefined;
}

/** A site, or one of its slots. */
export interface AppState {
  readonly id: string;
  /** Of the site, also for a slot. */
  readonly name: string;
  readonly slot: string | undefined;
  readonly group: string;
  readonly location: string;
  readonly planId: string;
  kind: string;
  tags: Readonly<Record<string, string>>;
  readonly identity: IdentityState;
  httpsOnly: boolean;
  keyVaultReferenceIdentity: string;
  /** The subnet that it reaches the network through; empty for none. */
  virtualNetworkSubnetId: string;
  functionAppConfig: Json | undefined;
  siteConfig: Json;
  settings: Readonly<Record<string, string>>;
  /** Names of settings that stay with their slot. Of the production slot only. */
  sticky: Json;
  authSettings: Json;
  isStopped: boolean;
  modifiedAt: number;
  operation: Operation | undefined;
  /** `127.0.0.1:PORT`; empty until the site is reachable. */
  host: string;
  scmHost: string;

  /** Newest last. */
  readonly deployments: DeploymentState[];
  /** True once a package was published, or the triggers were made known: events may wake the host. */
  isKnown: boolean;
  /** Absent until the host ran for the first time. */
  keys: HostKeys | undefined;
  run: Run | undefined;
  /** The front answers 503 until then. */
  startingUntil: number;
  /** Cancels the restart, or the second look at a host that cannot start, that is to come. */
  cancelTimer: (() => void) | undefined;
  /** What was listed last. */
  listed: readonly Json[];
  /** What the list of functions shows until the new ones are known. */
  listing: { readonly until: number; readonly items: readonly Json[] } | undefined;
  isGone: boolean;
}

/** What tests may change of the platform. */
export interface Behaviour {
  /** 200: One Deploy by Resource Manager works. Else the status that it answers with. Default 200. */
  oneDeployStatus: 200 | 400 | 404 | 405;
  /** Where no Flex Consumption plan can be made. */
  regionsWithoutFlex: readonly string[];
  /** What the front says for a site that is stopped. */
  stoppedPage: string;
  /** So long after its end a site is still in lists. Default 0. */
  listedStillMs: number;
}

const STOPPED =
  '<!DOCTYPE html><html><head><title>Web App - Unavailable</title></head><body><h1>Error 403 - This web app is stopped.</h1><p>The web app you have attempted to reach is currently stopped and does not accept any requests.</p></body></html>';

/** A site that is gone, as lists still have it. */
interface Gone {
  readonly id: string;
  readonly group: string;
  readonly view: object;
  readonly until: number;
}

export class WebState {
  readonly world: World;
  readonly planes: PlaneHost;
  readonly plans = new Map<string, PlanState>();
  /** Sites and slots by their ids in lower case. */
  readonly apps = new Map<string, AppState>();
  /** Names that sites of other subscriptions have. */
  readonly foreignNames = new Set<string>();
  /** Which site has a host id in a storage account. */
  readonly hostIds = new Map<string, string>();
  readonly behaviour: Behaviour = {
    oneDeployStatus: 200,
    regionsWithoutFlex: ['atlantis', 'brazilsoutheast'],
    stoppedPage: STOPPED,
    listedStillMs: 0,
  };
  readonly #gone: Gone[] = [];

  constructor(world: World, planes: PlaneHost) {
    this.world = world;
    this.planes = planes;
  }

  now(): number {
    return this.world.clock.now();
  }

  app(id: string): AppState | undefined {
    return this.apps.get(id.toLowerCase());
  }

  plan(id: string): PlanState | undefined {
    return this.plans.get(id.toLowerCase());
  }

  planOf(app: AppState): PlanState {
    const plan = this.plan(app.planId);
    if (!plan) throw new Error(`The plan of ${app.id} is gone`);
    return plan;
  }

  noteGone({ id, group }: Pick<AppState, 'id' | 'group'>, view: object): void {
    this.#gone.push({ id, group, view, until: this.now() + this.behaviour.listedStillMs });
  }

  listedStill(): readonly Gone[] {
    return this.#gone.filter(({ id, until }) => until > this.now() && !this.app(id));
  }

  sites(): readonly AppState[] {
    return [...this.apps.values()].filter((app) => app.slot === undefined);
  }

  slotsOf(site: AppState): readonly AppState[] {
    return [...this.apps.values()].filter(
      (app) =>
        app.slot !== undefined && app.id.toLowerCase().startsWith(`${site.id.toLowerCase()}/`),
    );
  }

  appsOn(planId: string): readonly AppState[] {
    return this.sites().filter((app) => app.planId.toLowerCase() === planId.toLowerCase());
  }

  production(app: AppState): AppState {
    return app.slot === undefined ? app : (this.app(app.id.split('/slots/')[0] ?? '') ?? app);
  }

  /** Throws while something else is under way on the site. */
  refuseBusy(app: AppState): void {
    if (app.operation) throw siteBusy(app.operation);
  }

  operation(name: string): Operation {
    return { id: randomUUID(), name, startedAt: this.now() };
  }
}

/** How a site is called where its slot counts: `orders`, `orders-next`. */
export function fullName(app: AppState): string {
  return app.slot === undefined ? app.name : `${app.name}-${app.slot}`;
}

/** Identities of a site by their client ids; that of the system also without one. */
export function identitiesOf(state: WebState, app: AppState): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const { system, user } = app.identity;
  if (system) {
    found[''] = system.principalId;
    found[system.clientId] = system.principalId;
  }
  for (const id of user) {
    const known = state.world.identity.identityOf(id);
    if (known) found[known.clientId] = known.principalId;
  }
  return found;
}

/** Who a site is when it works with an identity: `SystemAssigned`, or the ARM id of one that is its own. */
export function callerOf(state: WebState, app: AppState, identity: string): Caller | undefined {
  if (/^(SystemAssigned(Identity)?)?$/i.test(identity)) {
    const { system } = app.identity;
    return system && { kind: 'identity', principalId: system.principalId };
  }
  const isOwn = app.identity.user.some((id) => id.toLowerCase() === identity.toLowerCase());
  const known = isOwn ? state.world.identity.identityOf(identity) : undefined;
  return known && { kind: 'identity', principalId: known.principalId };
}

/** `Recreate`, or `RollingUpdate`. */
export function updateStrategy(app: AppState): string {
  return textOf(app.functionAppConfig, 'siteUpdateStrategy', 'type') ?? 'Recreate';
}

export function scaleOf(app: AppState): Json {
  return objectOf(app.functionAppConfig, 'scaleAndConcurrency');
}
