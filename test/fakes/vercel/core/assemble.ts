/** Puts the parts together: each reaches the others through the world, when it needs them. */
import { setImmediate as turn } from 'node:timers/promises';
import { Work } from '../../aws/core/work.ts';
import { createAccounts } from '../projects/accounts.ts';
import { newId } from '../projects/ids.ts';
import { createProjects } from '../projects/index.ts';
import { ProjectStore } from '../projects/store.ts';
import type { Account } from './identity.ts';
import { missing } from './missing.ts';
import type {
  ApiService,
  CallerKind,
  EdgePort,
  FakeClock,
  Plan,
  ProjectsPort,
  QueuesPort,
  TelemetryPort,
  WireReply,
  World,
} from './ports.ts';
import { projectsPort } from './projects-port.ts';
import { dispatch, openApi, type Front } from './rest-front.ts';
import type { Intercept } from '../../shared/wire/intercept.ts';
import { PlaneServers } from './server.ts';
import { faultReply } from './wire-forms.ts';

export interface WorldOptions {
  readonly clock: FakeClock;
  /** Stands between the wire and the planes, for calls of the deployer. */
  readonly intercept?: Intercept;
}

/** What every part has beside its port. */
export interface Part {
  readonly services?: readonly ApiService[];
  /** Whether it is at work, or has something that it could do now. */
  busy?(): boolean;
  stop?(): void | Promise<void>;
}

/** What of `ProjectsPort` deployments know; the rest is of the projects themselves. */
export type DeploymentsPort = Pick<
  ProjectsPort,
  | 'deploymentOfHost'
  | 'isDeletedHost'
  | 'productionOf'
  | 'producing'
  | 'deploymentById'
  | 'onPromoted'
  | 'onDeleted'
>;

/** How the parts are made that are not the core's. Left out in a test: whoever reaches for one is told so. */
export interface PartMakers {
  readonly deployments: (world: World, store: ProjectStore) => DeploymentsPort & Part;
  readonly edge: (world: World) => EdgePort & Part;
  readonly telemetry: (world: World) => TelemetryPort & Part;
  readonly queues: (world: World) => QueuesPort & Part;
  readonly crons: (world: World) => Part;
}

/** The world, and what only tests may know of it. */
export interface FakeWorld extends World {
  readonly account: Account;
  readonly store: ProjectStore;
  readonly work: Work;
  /** A call of the API past the wire: neither counted nor disturbed. Refusals are answers, too. */
  call(wish: {
    readonly method: string;
    /** With a query, if any. */
    readonly path: string;
    readonly body?: object;
    /** Default: the observer. */
    readonly caller?: CallerKind;
  }): Promise<WireReply>;
  busy(): boolean;
  /** A line for every resource of every part, sorted. */
  inventory(): readonly string[];
  stop(): Promise<void>;
}

export async function assembleWorld(
  options: WorldOptions,
  makers: Partial<PartMakers>,
): Promise<FakeWorld> {
  const { clock, intercept } = options;
  const work = new Work();
  const account: Account = {
    teamId: newId('team_'),
    teamSlug: 'polyfaas-fake',
    userId: newId(''),
    tokens: { deployer: newId('vcp_', 56), observer: newId('vcp_', 56) },
  };
  const plan: Plan = { observability: true, tier: 'pro' };
  const servers = new PlaneServers({ clock, ...(intercept && { intercept }) });
  const front: Front = { account, services: () => services };
  const api = await openApi(servers, front);
  const store = new ProjectStore(clock);

  const world: FakeWorld = {
    clock,
    teamId: account.teamId,
    api,
    tokens: account.tokens,
    plan,
    failingBuilds: new Map(),
    work,
    account,
    store,
    planes: servers,
    get projects() {
      return projects;
    },
    get edge() {
      return edge;
    },
    get queues() {
      return queues;
    },
    get telemetry() {
      return telemetry;
    },
    async call({ method, path, body, caller = 'observer' }) {
      const url = new URL(path, 'http://localhost');
      const call = {
        method,
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: {},
        body,
        rawBody: Buffer.from(body ? JSON.stringify(body) : ''),
        caller,
      };
      try {
        return await dispatch(front, call);
      } catch (error) {
        return faultReply(error);
      }
    },
    busy: () => parts.some((part) => part.busy?.() === true),
    inventory: () => services.flatMap((service) => service.inventory()).toSorted(),
    async stop() {
      // First what delivers, then what runs, then the wire.
      for (const part of parts) await part.stop?.();
      await servers.stop();
    },
  };

  const deployments =
    makers.deployments?.(world, store) ?? missing<DeploymentsPort & Part>('deployments');
  const projects = projectsPort(store, deployments);
  const telemetry = makers.telemetry?.(world) ?? missing<TelemetryPort & Part>('telemetry');
  const edge = makers.edge?.(world) ?? missing<EdgePort & Part>('edge');
  const queues = makers.queues?.(world) ?? missing<QueuesPort & Part>('queues');
  const crons = makers.crons?.(world) ?? {};
  const own: Part = {
    services: [...createProjects({ clock, account, store, plan }), createAccounts(account)],
  };
  const parts: readonly Part[] = [crons, queues, edge, deployments, telemetry, own];
  const services = parts.flatMap((part) => part.services ?? []);
  // Parts may have begun to open planes of their own.
  await turn();
  await servers.settled();
  await turn();
  return world;
}
