/** Puts the parts together: each reaches the others through the world, when it needs them. */
import { setImmediate as turn } from 'node:timers/promises';
import { Work } from '../../aws/core/work.ts';
import { createFunctions } from '../functions/index.ts';
import { ServiceAccounts } from '../iam/accounts.ts';
import { createIam } from '../iam/index.ts';
import { createSecrets } from '../secrets/index.ts';
import { Identity } from './identity.ts';
import { Operations } from './operations.ts';
import { Policies } from './policies.ts';
import type {
  ApiName,
  ApiService,
  Caller,
  FakeClock,
  FirestorePort,
  PubSubPort,
  RunPort,
  RuntimePort,
  StorageFakePort,
  TelemetryPort,
  WireReply,
  World,
} from './ports.ts';
import { dispatch, openApis } from './rest-front.ts';
import type { Intercept } from '../../shared/wire/intercept.ts';
import { answerOf, PlaneServers } from './server.ts';
import { faultReply } from './wire-forms.ts';

export interface WorldOptions {
  readonly clock: FakeClock;
  /** Default: `europe-west1`. */
  readonly location?: string;
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

/** How the parts are made that are not the core's. Left out in a test: whoever reaches for one is told so. */
export interface PartMakers {
  readonly runtime: (world: World) => RuntimePort & Part;
  readonly run: (world: World) => RunPort & Part;
  readonly pubsub: (world: World) => PubSubPort & Part;
  readonly storage: (world: World) => StorageFakePort & Part;
  readonly firestore: (world: World) => FirestorePort & Part;
  readonly telemetry: (world: World) => TelemetryPort & Part;
  readonly scheduler: (world: World) => Part;
  readonly eventarc: (world: World) => Part;
}

/** The world, and what only tests may know of it. */
export interface FakeWorld extends World {
  readonly identity: Identity;
  readonly policies: Policies;
  readonly operations: Operations;
  readonly work: Work;
  readonly accounts: ServiceAccounts;
  /** A call of an API past the wire: neither counted nor disturbed. Refusals are answers, too. */
  call(wish: {
    readonly api: ApiName;
    readonly method: string;
    /** With a query, if any. */
    readonly path: string;
    readonly body?: object;
    readonly caller: Caller;
  }): Promise<WireReply>;
  busy(): boolean;
  /** A line for every resource of every part, sorted. */
  inventory(): readonly string[];
  stop(): Promise<void>;
}

const PROJECT_ID = 'polyfaas-fake';
const PROJECT_NUMBER = '416161616161';

export async function assembleWorld(
  options: WorldOptions,
  makers: Partial<PartMakers>,
): Promise<FakeWorld> {
  const { clock, location = 'europe-west1', intercept } = options;
  const project = { projectId: PROJECT_ID, projectNumber: PROJECT_NUMBER };
  const work = new Work();
  const accounts = new ServiceAccounts({ clock, ...project });
  const identity = await Identity.create(
    PROJECT_ID,
    (email) => accounts.isKnown(email),
    () => options.clock.now(),
  );
  const policies = new Policies({
    clock,
    projectId: PROJECT_ID,
    accountExists: (email) => identity.accountExists(email),
  });
  grantFromTheBeginning(policies, identity);
  const operations = new Operations({ clock, work });
  const servers = new PlaneServers({
    projectNumber: PROJECT_NUMBER,
    ...(intercept && { intercept }),
  });
  const disabledApis = new Set<string>();
  const exhausted = new Set<string>();
  const front = {
    ...project,
    disabledApis,
    exhausted,
    identity,
    services: (): readonly ApiService[] => services,
    ended: () => operations.ended(),
  };
  const endpoints = await openApis(servers, front);
  const keys = await servers.open({
    name: 'certificates',
    handle: async () => answerOf({ status: 200, body: await identity.jwks() }),
  });
  identity.setCertificates(`${keys}/oauth2/v3/certs`);

  const world: FakeWorld = {
    clock,
    ...project,
    location,
    endpoints,
    disabledApis,
    exhausted,
    identity,
    policies,
    operations,
    work,
    accounts,
    planes: servers,
    get runtime() {
      return runtime;
    },
    get run() {
      return run;
    },
    get secrets() {
      return secrets;
    },
    get pubsub() {
      return pubsub;
    },
    get storage() {
      return storage;
    },
    get firestore() {
      return firestore;
    },
    get telemetry() {
      return telemetry;
    },
    async call({ api, method, path, body, caller }) {
      const url = new URL(path, 'http://localhost');
      const call = {
        api,
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
        return faultReply(api, error);
      }
    },
    busy: () => parts.some((part) => part.busy?.() === true),
    inventory: () => services.flatMap((service) => service.inventory()).toSorted(),
    async stop() {
      // First what delivers, then what runs, then the wire.
      for (const part of parts) await part.stop?.();
      await Promise.all(services.map(async (service) => service.stop?.()));
      await servers.stop();
    },
  };

  const secrets = createSecrets(world);
  const functions = createFunctions(world);
  const iam = createIam({ world, accounts, policies, identity });
  const telemetry = makers.telemetry?.(world) ?? missing<TelemetryPort & Part>('telemetry');
  const storage = makers.storage?.(world) ?? missing<StorageFakePort & Part>('storage');
  const pubsub = makers.pubsub?.(world) ?? missing<PubSubPort & Part>('pubsub');
  const firestore = makers.firestore?.(world) ?? missing<FirestorePort & Part>('firestore');
  const runtime = makers.runtime?.(world) ?? missing<RuntimePort & Part>('runtime');
  const run = makers.run?.(world) ?? missing<RunPort & Part>('run');
  const scheduler = makers.scheduler?.(world) ?? {};
  const eventarc = makers.eventarc?.(world) ?? {};
  const parts: readonly Part[] = [
    scheduler,
    eventarc,
    pubsub,
    storage,
    firestore,
    run,
    runtime,
    telemetry,
    secrets,
    functions,
    iam,
  ];
  const services = parts.flatMap((part) => part.services ?? []);
  // Parts may have begun to open planes of their own.
  await turn();
  await servers.settled();
  await turn();
  return world;
}

/** What a project has before anybody does anything. */
function grantFromTheBeginning(policies: Policies, identity: Identity): void {
  const agent = (name: string): string =>
    `serviceAccount:service-${PROJECT_NUMBER}@${name}.iam.gserviceaccount.com`;
  const project = `projects/${PROJECT_ID}`;
  const grants: readonly (readonly [role: string, member: string])[] = [
    ['roles/owner', `serviceAccount:${identity.deployer.email}`],
    ['roles/owner', `serviceAccount:${identity.observer.email}`],
    ['roles/editor', `serviceAccount:${PROJECT_NUMBER}@cloudservices.gserviceaccount.com`],
    ['roles/editor', `serviceAccount:${PROJECT_NUMBER}-compute@developer.gserviceaccount.com`],
    ['roles/cloudfunctions.serviceAgent', agent('gcf-admin-robot')],
    ['roles/run.serviceAgent', agent('serverless-robot-prod')],
    ['roles/pubsub.serviceAgent', agent('gcp-sa-pubsub')],
    ['roles/eventarc.serviceAgent', agent('gcp-sa-eventarc')],
    ['roles/cloudscheduler.serviceAgent', agent('gcp-sa-cloudscheduler')],
  ];
  for (const [role, member] of grants) policies.grantAtOnce(project, role, member);
}

const UNASKED = new Set(['services', 'busy', 'stop', 'then']);

/** A part that a test left out. */
function missing<Port extends object>(name: string): Port {
  const nothing = new Proxy(
    {},
    {
      get(_, key) {
        if (typeof key === 'symbol' || UNASKED.has(key)) return undefined;
        throw new Error(`This world was made without the part "${name}".`);
      },
    },
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every use of it throws
  return nothing as Port;
}
