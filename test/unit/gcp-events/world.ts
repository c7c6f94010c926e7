/** Functions on the fake of Google Cloud, and the steps of plans done to them. No code runs: a service only notes what it gets. */
import type { AsyncPolicy, Binding, CallContext, JsonObject, JsonValue, Step } from 'polyfaas/spi';
import { createClients } from '../../../providers/gcp/clients/create.ts';
import type { GcpClients } from '../../../providers/gcp/clients/index.ts';
import { planAsync } from '../../../providers/gcp/events/async.ts';
import { EVENT_EXECUTORS } from '../../../providers/gcp/events/execute.ts';
import { planBindings, planEventRemoval, withAsync } from '../../../providers/gcp/events/plan.ts';
import type { BindingPlan, BindingWish } from '../../../providers/gcp/events/types.ts';
import { ownershipLabels } from '../../../providers/gcp/labels.ts';
import type { Target } from '../../../providers/gcp/model.ts';
import { encodeRecord } from '../../../providers/gcp/record-text.ts';
import {
  EMPTY_RECORD,
  RECORD_ANNOTATION,
  type FunctionRecord,
} from '../../../providers/gcp/record.ts';
import { resolveObject } from '../../../src/spi/refs.ts';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { assembleWorld, type FakeWorld, type Part } from '../../fakes/gcp/core/assemble.ts';
import { WireFaults } from '../../fakes/gcp/core/faults.ts';
import type { Caller, RunPort, World } from '../../fakes/gcp/core/ports.ts';
import { createEventarc } from '../../fakes/gcp/eventarc/index.ts';
import { createFirestore, type FirestoreFake } from '../../fakes/gcp/firestore/index.ts';
import { createPubSub } from '../../fakes/gcp/pubsub/index.ts';
import { createScheduler } from '../../fakes/gcp/scheduler/index.ts';
import { createStorage, type StorageFake } from '../../fakes/gcp/storage/index.ts';
import { LOCATION, NUMBER, platform, PROJECT, RETRY, targetOf, versionNote } from './bindings.ts';

const MOST_POLLS = 300;

/** What a service got. */
export interface Got {
  readonly service: string;
  /** Path with query. */
  readonly path: string;
  /** Who signed it, for whom; undefined for a request without a valid token. */
  readonly claims: { readonly email: string; readonly aud: string } | undefined;
  readonly body: string;
}

export const ASYNC: AsyncPolicy = { retry: RETRY, maxAgeSeconds: 21_600 };

export class EventWorld {
  readonly clock: FakeTime;
  readonly fake: FakeWorld;
  readonly firestore: FirestoreFake;
  readonly storage: StorageFake;
  readonly faults: WireFaults;
  readonly gcp: GcpClients;
  /** The same, as an account that may do nothing. */
  readonly powerless: GcpClients;
  readonly got: Got[];
  readonly warnings: string[] = [];
  /** Status codes that services answer with, one after the other; then 204. */
  readonly answers: number[];

  private constructor(
    parts: Pick<
      EventWorld,
      'clock' | 'fake' | 'firestore' | 'storage' | 'faults' | 'got' | 'answers'
    >,
  ) {
    this.clock = parts.clock;
    this.fake = parts.fake;
    this.firestore = parts.firestore;
    this.storage = parts.storage;
    this.faults = parts.faults;
    this.got = parts.got;
    this.answers = parts.answers;
    const { identity } = this.fake;
    this.gcp = this.#clientsOf(identity.deployer);
    this.powerless = this.#clientsOf({
      kind: 'account',
      email: `nobody@${PROJECT}.iam.gserviceaccount.com`,
    });
  }

  static async start(): Promise<EventWorld> {
    const clock = new FakeTime(Date.UTC(2026, 10, 21, 12));
    const faults = new WireFaults();
    const got: Got[] = [];
    const answers: number[] = [];
    const kept: { firestore?: FirestoreFake; storage?: StorageFake } = {};
    const fake = await assembleWorld(
      { clock, location: LOCATION, intercept: (exchange) => faults.pass(exchange) },
      {
        pubsub: createPubSub,
        storage: (world) => (kept.storage = createStorage(world)),
        firestore: (world) => (kept.firestore = createFirestore(world)),
        scheduler: createScheduler,
        eventarc: createEventarc,
        run: (world) => services(world, got, answers),
      },
    );
    const { firestore, storage } = kept;
    if (!firestore || !storage) throw new Error('The world has no Firestore, or no storage.');
    return new EventWorld({ clock, fake, firestore, storage, faults, got, answers });
  }

  #clientsOf(caller: Caller): GcpClients {
    const { identity, endpoints } = this.fake;
    return createClients({
      projectId: PROJECT,
      projectNumber: NUMBER,
      location: LOCATION,
      auth: identity.authOf(caller),
      endpoints,
      certificates: identity.certificates,
      invokerServiceAccount: null,
    });
  }

  async stop(): Promise<void> {
    await this.gcp.close();
    await this.powerless.close();
    await this.fake.stop();
  }

  /** What is left beside functions themselves. */
  sources(): readonly string[] {
    return this.fake.inventory().filter((line) => !/^(?:service account|secret) /.test(line));
  }

  /** Simulated time, and all that falls due. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await this.clock.advance(Math.min(left, 1000));
      while (this.fake.work.active > 0) await this.fake.work.idle();
    }
  }

  /** A function whose service account is known everywhere. */
  async function(name: string, change: Partial<Target> = {}): Promise<EventFunction> {
    const target = targetOf(name, { url: urlOf(`shop-dev-${name}`), ...change });
    const account = target.serviceAccount.split('@')[0] ?? '';
    await this.call('iam', 'POST', `/v1/projects/${PROJECT}/serviceAccounts`, {
      accountId: account,
      serviceAccount: { displayName: name },
    });
    await this.pass(60_000);
    return new EventFunction(this, target);
  }

  /** A call of the tests' own. */
  async call(
    api: Parameters<FakeWorld['call']>[0]['api'],
    method: string,
    path: string,
    body?: object,
  ): Promise<JsonObject> {
    const caller = this.fake.identity.observer;
    const reply = await this.fake.call({ api, method, path, caller, ...(body && { body }) });
    const text = JSON.stringify(reply.body ?? {});
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    const value: JsonObject = JSON.parse(text);
    return value;
  }

  /** Does steps as the engine does, and answers their outputs. */
  async run(
    steps: readonly Step[],
    gcp: GcpClients = this.gcp,
  ): Promise<ReadonlyMap<string, JsonObject>> {
    const outputs = new Map<string, JsonObject>();
    for (const step of steps) {
      const input = resolveObject(step.input, outputs);
      outputs.set(step.id, await this.#one({ ...step, input }, gcp));
    }
    return outputs;
  }

  async #one(step: Step, gcp: GcpClients): Promise<JsonObject> {
    const execute = EVENT_EXECUTORS[step.kind];
    if (!execute) throw new Error(`Nobody does ${step.kind}`);
    let resume: JsonValue | undefined;
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const result = await execute(gcp, step, this.#call(resume));
      if (result.done) return result.output ?? {};
      resume = result.resume;
      await this.pass(result.pollAfterMs);
    }
    throw new Error(`${step.id} does not end`);
  }

  #call(resume: JsonValue | undefined): CallContext {
    return {
      signal: new AbortController().signal,
      clock: {
        now: () => this.clock.now(),
        after: (ms, callback) => this.clock.after(ms, callback),
        sleep: (ms) => this.clock.advance(ms),
      },
      random: () => 0.5,
      warn: (message) => void this.warnings.push(message),
      artifacts: { get: () => Promise.reject(new Error('There is no artifact here')) },
      log: { log: (_level, message) => void this.warnings.push(message) },
      ...(resume === undefined ? {} : { resume }),
    };
  }
}

/** One function and its record, as the deploy planner keeps them. */
export class EventFunction {
  record: FunctionRecord = { ...EMPTY_RECORD, live: 'v1', versions: [versionNote(30)] };
  readonly world: EventWorld;
  readonly target: Target;

  constructor(world: EventWorld, target: Target) {
    this.world = world;
    this.target = target;
  }

  wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
    return {
      target: this.target,
      identity: { account: PROJECT, region: LOCATION },
      platform: platform(),
      record: this.record,
      bindings,
      timeoutSeconds: 30,
      repairsAll: false,
      missing: [],
      keptAccount: null,
      ...change,
    };
  }

  plan(bindings: readonly Binding[], async?: AsyncPolicy): BindingPlan {
    const wished = this.wish(bindings);
    const plain = planBindings(wished);
    if (async === undefined) return plain;
    const policy = async;
    return withAsync(plain, planAsync({ ...wished, policy, isSettled: false }));
  }

  /** Brings the function to these bindings. */
  async bind(bindings: readonly Binding[], async?: AsyncPolicy): Promise<void> {
    const plan = this.plan(bindings, async);
    await this.world.run(plan.checks);
    await this.begin(plan, bindings);
    await this.world.run(plan.sources);
    await this.world.run(plan.after);
    await this.world.run(plan.retire);
    this.record = { ...this.record, bindings, pending: [], made: plan.kept };
    await this.write();
  }

  /** What is written down before the first step. */
  async begin(plan: BindingPlan, bindings: readonly Binding[]): Promise<void> {
    const wished = new Set(bindings.map(({ id }) => id));
    const leaving = this.record.bindings.filter(({ id }) => !wished.has(id));
    this.record = {
      ...this.record,
      bindings: [...bindings, ...leaving],
      pending: plan.touched,
      made: plan.made,
    };
    await this.write();
  }

  /** The settings secret, its annotation holding the record. */
  async write(): Promise<void> {
    const { settingsSecret, ref } = this.target;
    const id = settingsSecret.split('/').at(-1) ?? '';
    const annotations = { [RECORD_ANNOTATION]: encodeRecord(this.record) ?? '' };
    const path = `/v1/projects/${PROJECT}/secrets`;
    const isThere = this.world.fake.inventory().includes(`secret ${id}`);
    if (isThere) {
      const query = '?updateMask=annotations';
      await this.world.call('secretmanager', 'PATCH', `${path}/${id}${query}`, { annotations });
      return;
    }
    const labels = ownershipLabels(ref);
    await this.world.call('secretmanager', 'POST', `${path}?secretId=${id}`, {
      replication: { automatic: {} },
      labels,
      annotations,
    });
  }

  removal(): readonly Step[] {
    const { target, record } = this;
    return planEventRemoval({ target, platform: platform(), record });
  }

  async remove(): Promise<void> {
    await this.world.run(this.removal());
    const id = this.target.settingsSecret.split('/').at(-1) ?? '';
    if (this.world.fake.inventory().includes(`secret ${id}`)) {
      await this.world.call('secretmanager', 'DELETE', `/v1/projects/${PROJECT}/secrets/${id}`);
    }
  }
}

export function urlOf(service: string): string {
  return `https://${service}-abcdefgh-ew.a.run.app`;
}

/** Services that take every request, and note it. */
function services(world: World, got: Got[], answers: number[]): RunPort & Part {
  const refuse = (): never => {
    throw new Error('No code runs here.');
  };
  return {
    deploy: refuse,
    delete: refuse,
    urlOf: (name) => urlOf(name.split('/').at(-1) ?? ''),
    isOnLatest: () => true,
    async deliver(url, { headers, body }) {
      const { origin, pathname, search, hostname } = new URL(url);
      const names = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const bearer: unknown = Object.fromEntries(names)['authorization'];
      const token = /^Bearer (.+)$/.exec(String(bearer))?.[1];
      const claims = token === undefined ? undefined : await world.identity.claimsOfIdToken(token);
      got.push({
        service: hostname.split('-abcdefgh')[0] ?? origin,
        path: `${pathname}${search}`,
        claims,
        body: body.toString('utf8'),
      });
      const status = answers.shift() ?? 204;
      return { status, headers: [], body: Buffer.alloc(0), fate: 'answered' };
    },
    busy: () => false,
  };
}
