/** Just enough of a world for one part of the fake of Google Cloud: endpoints that tests script, grants, and a clock. */
import { Work } from '../../fakes/aws/core/work.ts';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { Identity } from '../../fakes/gcp/core/identity.ts';
import { Policies } from '../../fakes/gcp/core/policies.ts';
import type {
  ApiName,
  ApiService,
  Caller,
  PubSubPort,
  ServiceReply,
  StorageFakePort,
  World,
} from '../../fakes/gcp/core/ports.ts';
import { PlaneServers } from '../../fakes/gcp/core/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export interface Delivered {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The status, or what comes of it. */
type Answer = number | 'crashed' | Promise<number> | ((delivered: Delivered) => number);

export interface SmallWorld {
  readonly world: World;
  readonly clock: ManualClock;
  readonly work: Work;
  readonly identity: Identity;
  readonly accounts: Set<string>;
  readonly deliveries: readonly Delivered[];
  /** What endpoints answer from now on; the last stays. */
  script(...answers: readonly Answer[]): void;
  grant(email: string, resource: string, role: string): void;
  revoke(email: string, resource: string, role: string): void;
  use(parts: { pubsub?: PubSubPort; storage?: StorageFakePort; busy?: () => boolean }): void;
  /** Resolves when nothing is under way. */
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export const PROJECT = 'shop-1';
export const NUMBER = '123456789012';
export const DEPLOYER: Caller = {
  kind: 'deployer',
  email: `deployer@${PROJECT}.iam.gserviceaccount.com`,
};

export function accountCaller(name: string): Caller {
  return { kind: 'account', email: `${name}@${PROJECT}.iam.gserviceaccount.com` };
}

/** Keys take long to make: all worlds of a file have the same, and know the accounts of the latest. */
let known: ReadonlySet<string> = new Set();
const shared = Identity.create(PROJECT, (email) => known.has(email));

export async function makeWorld(): Promise<SmallWorld> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const work = new Work();
  const accounts = new Set<string>();
  const deliveries: Delivered[] = [];
  known = accounts;
  const identity = await shared;
  const planes = new PlaneServers({ projectNumber: NUMBER });
  let parts: { pubsub?: PubSubPort; storage?: StorageFakePort } = {};
  let answers: Answer[] = [204];
  const busy: (() => boolean)[] = [];

  const policies = new Policies({
    clock,
    projectId: PROJECT,
    accountExists: (email) => accounts.has(email) || /^service-\d+@/.test(email),
  });

  async function reply(answer: number | 'crashed' | Promise<number>): Promise<ServiceReply> {
    const status = await answer;
    const fate = typeof status === 'number' ? 'answered' : 'crashed';
    return {
      status: typeof status === 'number' ? status : 503,
      headers: [],
      body: Buffer.alloc(0),
      fate,
    };
  }

  const world: World = {
    clock,
    projectId: PROJECT,
    projectNumber: NUMBER,
    location: 'europe-west1',
    disabledApis: new Set(),
    exhausted: new Set(),
    identity,
    policies,
    planes,
    work,
    run: {
      deploy: missing,
      delete: missing,
      urlOf: () => undefined,
      isOnLatest: () => true,
      async deliver(url, request) {
        if (new URL(url).hostname === 'nowhere.test') return undefined;
        const delivered = { url, ...request };
        deliveries.push(delivered);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        return reply(typeof answer === 'function' ? answer(delivered) : (answer ?? 204));
      },
    },
    get pubsub() {
      return parts.pubsub ?? missing();
    },
    get storage() {
      return parts.storage ?? missing();
    },
    get endpoints() {
      return missing();
    },
    get operations() {
      return missing();
    },
    get runtime() {
      return missing();
    },
    get secrets() {
      return missing();
    },
    get firestore() {
      return missing();
    },
    get telemetry() {
      return missing();
    },
  };

  const small: SmallWorld = {
    world,
    clock,
    work,
    identity,
    accounts,
    deliveries,
    script: (...wanted) => void (answers = [...wanted]),
    grant: (email, resource, role) =>
      policies.grantAtOnce(resource, role, `serviceAccount:${email}`),
    revoke(email, resource, role) {
      const { bindings, ...policy } = policies.get(resource);
      const left = bindings.map((one) => ({
        ...one,
        members: one.members.filter(
          (member) => one.role !== role || member !== `serviceAccount:${email}`,
        ),
      }));
      policies.set(resource, { ...policy, bindings: left });
    },
    use({ busy: one, ...more }) {
      parts = { ...parts, ...more };
      if (one) busy.push(one);
    },
    async settle() {
      while (work.active > 0 || busy.some((one) => one())) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (work.failures.length > 0) throw work.failures[0];
    },
    async advance(ms) {
      const end = clock.now() + ms;
      // What falls due on the way is done before time goes on.
      for (let at = clock.nextAt; at !== undefined && at < end; at = clock.nextAt) {
        await clock.advance(Math.max(at - clock.now(), 0));
        await small.settle();
      }
      await clock.advance(end - clock.now());
      await small.settle();
    },
    stop: () => planes.stop(),
  };
  return small;
}

function missing(): never {
  throw new Error('This part is not in the small world.');
}

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Calls a service as the core does. A fault becomes its answer. */
export type Send = (
  method: string,
  path: string,
  options?: {
    readonly body?: unknown;
    readonly rawBody?: Buffer;
    readonly headers?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
    readonly caller?: Caller;
  },
) => Promise<Sent>;

export function sender(api: ApiName, services: readonly ApiService[]): Send {
  return async (method, path, { body, rawBody, headers = {}, query = {}, caller } = {}) => {
    const bytes = rawBody ?? Buffer.from(body === undefined ? '' : JSON.stringify(body));
    for (const service of services) {
      try {
        const reply = await service.handle({
          api,
          method,
          path,
          query: new URLSearchParams(query),
          headers,
          body,
          rawBody: bytes,
          caller: caller ?? DEPLOYER,
        });
        if (reply) return { status: reply.status, headers: reply.headers ?? {}, body: reply.body };
      } catch (error) {
        if (!(error instanceof GoogleFault)) throw error;
        const { status, code, message } = error;
        return { status, headers: {}, body: { error: { code: status, status: code, message } } };
      }
    }
    return { status: 404, headers: {}, body: 'no such path' };
  };
}

/** `400 INVALID_ARGUMENT Why` */
export function told({ status, body }: Sent): string {
  const { error } = JSON.parse(JSON.stringify(body ?? {}));
  return `${status} ${error?.status ?? ''} ${error?.message ?? ''}`;
}
