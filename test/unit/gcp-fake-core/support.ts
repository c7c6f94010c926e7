/** The core of the fake with small stand-ins for what runs functions, on a clock that only the test moves. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { v2 } from '@google-cloud/functions';
import { assembleWorld, type FakeWorld } from '../../fakes/gcp/core/assemble.ts';
import { WireFaults } from '../../fakes/gcp/core/faults.ts';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import type {
  ApiName,
  Caller,
  RunPort,
  RuntimePort,
  StorageFakePort,
} from '../../fakes/gcp/core/ports.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const NOW = Date.UTC(2026, 10, 21, 9);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** What the tests look at, each where it is there. */
export interface Body {
  readonly name: string;
  readonly etag: string;
  readonly state: string;
  readonly stateMessages: unknown;
  readonly labels: unknown;
  readonly serviceConfig: { readonly uri: unknown; readonly allTrafficOnLatestRevision: unknown };
  readonly uploadUrl: string;
  readonly storageSource: { readonly bucket: string; readonly object: string };
  readonly error: {
    readonly code: number;
    readonly status: string;
    readonly message: string;
    readonly details: readonly unknown[];
  };
  readonly metadata: {
    readonly stages: readonly { readonly name: string; readonly state: string }[];
  };
  readonly functions?: readonly unknown[];
  readonly runtimes: readonly unknown[];
  readonly uniqueId: string;
  readonly email: string;
  readonly accounts: readonly unknown[];
  readonly token: string;
  readonly bindings: readonly { readonly role: string }[];
  readonly secrets?: readonly { readonly name: string }[];
  readonly versions: readonly { readonly name: string }[];
  readonly nextPageToken: string;
  readonly payload: unknown;
}

/** Cloud Run, as far as Cloud Functions sees it. */
export class RunStandIn implements RunPort {
  readonly services = [];
  readonly deployed: Parameters<RunPort['deploy']>[0][] = [];
  readonly urls = new Map<string, string>();
  readonly pinned = new Set<string>();
  fault: GoogleFault | undefined;

  async deploy(
    wish: Parameters<RunPort['deploy']>[0],
  ): Promise<{ readonly revision: string; readonly url: string }> {
    if (this.fault) throw this.fault;
    this.deployed.push(wish);
    const id = wish.serviceName.split('/').at(-1) ?? '';
    const url = `http://127.0.0.1:1/${id}`;
    this.urls.set(wish.serviceName, url);
    if (wish.allTrafficOnLatest) this.pinned.delete(wish.serviceName);
    const number = String(this.deployed.length).padStart(5, '0');
    return { revision: `${id}-${number}-abc`, url };
  }

  async delete(serviceName: string): Promise<void> {
    this.urls.delete(serviceName);
  }

  urlOf(serviceName: string): string | undefined {
    return this.urls.get(serviceName);
  }

  isOnLatest(serviceName: string): boolean {
    return !this.pinned.has(serviceName);
  }

  deliver(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

class RuntimeStandIn implements RuntimePort {
  async build(zip: Buffer): Promise<{ readonly folder: string }> {
    if (zip.toString() === 'broken') throw new GoogleFault('INVALID_ARGUMENT', 'npm ERR! broken');
    return { folder: '/folder' };
  }

  start(): never {
    throw new Error('Nothing runs here.');
  }
}

class StorageStandIn implements StorageFakePort {
  readonly objects = new Map<string, Buffer>();

  bucketExists(): boolean {
    return false;
  }

  locationOf(): undefined {
    return undefined;
  }

  put(bucket: string, name: string, body: Buffer): void {
    this.objects.set(`${bucket}/${name}`, body);
  }

  get(bucket: string, name: string): Buffer | undefined {
    return this.objects.get(`${bucket}/${name}`);
  }

  delete(): void {}

  uploadUrl(): ReturnType<StorageFakePort['uploadUrl']> {
    const object = `${randomUUID()}.zip`;
    const bucket = 'gcf-v2-uploads';
    return { uploadUrl: `http://127.0.0.1:1/${object}`, bucket, object, generation: '1' };
  }

  uploaded(bucket: string, object: string): Buffer | undefined {
    return this.get(bucket, object);
  }
}

export interface Subject {
  readonly clock: ManualClock;
  readonly world: FakeWorld;
  readonly faults: WireFaults;
  readonly run: RunStandIn;
  readonly storage: StorageStandIn;
  /** What the recorder was told. */
  readonly told: string[];
  /** One call over the wire, as the deployer. */
  call(api: ApiName, method: string, path: string, body?: object, caller?: Caller): Promise<Answer>;
  /** Lets time pass, and what falls due end. */
  pass(ms: number): Promise<void>;
  /** The vendor's own client. */
  client(): v2.FunctionServiceClient;
  /** A name in the project: `secrets/s`. */
  name(rest: string): string;
}

async function makeSubject(): Promise<Subject> {
  const clock = new ManualClock(NOW);
  const told: string[] = [];
  const faults = new WireFaults((plane, method, path, status) => {
    told.push(`${plane} ${method} ${path} ${status}`);
  });
  const run = new RunStandIn();
  const storage = new StorageStandIn();
  const world = await assembleWorld(
    { clock, intercept: (exchange) => faults.pass(exchange) },
    { run: () => run, runtime: () => new RuntimeStandIn(), storage: () => storage },
  );
  const { identity } = world;
  return {
    clock,
    world,
    faults,
    run,
    storage,
    told,
    async call(api, method, path, body, caller = identity.deployer) {
      const response = await fetch(`${world.endpoints[api]}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${identity.accessToken(caller)}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json');
      return {
        status: response.status,
        headers: response.headers,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- tests say what they expect of it
        body: (isJson ? JSON.parse(text) : text) as Body,
      };
    },
    async pass(ms) {
      await clock.advance(ms);
      await world.work.idle();
    },
    client: () =>
      new v2.FunctionServiceClient({
        apiEndpoint: '127.0.0.1',
        port: Number(new URL(world.endpoints.functions).port),
        protocol: 'http',
        fallback: true,
        auth: identity.authOf(identity.deployer),
      }),
    name: (rest) => `projects/${world.projectId}/${rest}`,
  };
}

/** A fresh world for each test of the file. */
export function useSubject(): () => Subject {
  let subject: Subject | undefined;
  beforeEach(async () => {
    subject = await makeSubject();
  });
  afterEach(async () => {
    await subject?.world.stop();
    if (subject && subject.world.work.failures.length > 0) throw subject.world.work.failures[0];
  });
  return () => {
    if (!subject) throw new Error('There is no subject outside of a test');
    return subject;
  };
}

/** Status, code and message of a refusal. */
export function refusal({ status, body }: Answer): readonly [number, string, string] {
  return [status, body?.error?.status ?? '', body?.error?.message ?? JSON.stringify(body)];
}
