/** What Google Cloud holds of one function, and what each step of a plan does to it. */
import { digestOf, type JsonObject } from 'polyfaas/spi';
import type { Ingress } from '../../providers/gcp/ingress.ts';
import type { functionOf } from '../../providers/gcp/observe/function.ts';
import { decodeRecord, encodeRecord } from '../../providers/gcp/record-text.ts';
import { LABEL, type FunctionRecord } from '../../providers/gcp/record.ts';
import { STEP, type TaggedRevision } from '../../providers/gcp/steps.ts';

interface Share {
  revision: string;
  percent: number;
  tag: string | null;
}

/** What the platform holds. */
export interface State {
  secret: { etag: number; labels: Record<string, string>; annotation: string } | null;
  /** The payload of its latest version; null before one was written. */
  settings: JsonObject | null;
  function: {
    state: 'ACTIVE' | 'FAILED' | 'DEPLOYING' | 'DELETING';
    environment: 'GEN_1' | 'GEN_2';
    hasService: boolean;
    labels: Record<string, string>;
    updates: number;
    /** What it was built as; left out for one that others made. */
    wish?: Parameters<typeof functionOf>[0];
  } | null;
  service: {
    /** In the order in which they were made. */
    revisions: string[];
    traffic: Share[];
    minInstances: number;
    ingress: Ingress;
    isPublic: boolean;
    callers: readonly string[];
  } | null;
  account: boolean;
  /** So many revisions were made in all. */
  made: number;
  /** So many sources were uploaded, and so many builds were run. */
  uploads: number;
  builds: number;
}

export const EMPTY_STATE: State = {
  secret: null,
  settings: null,
  function: null,
  service: null,
  account: false,
  made: 0,
  uploads: 0,
  builds: 0,
};

/** A service account of the user's, which is there. */
export const GIVEN_ACCOUNT = 'mine@shop-project.iam.gserviceaccount.com';

export const URL_OF_SERVICE = 'https://shop-dev-orders-abc.a.run.app';

interface StepInput {
  readonly labels: Record<string, string>;
  readonly adopt: boolean;
  readonly record: FunctionRecord;
  readonly expected: { readonly etag?: string; readonly next?: string } | string | null;
  readonly build: string;
  readonly wish: JsonObject;
  readonly mask: readonly string[];
  readonly revision: string;
  readonly tag: string;
  readonly live: string | null;
  readonly tags: readonly TaggedRevision[];
  readonly keep: readonly TaggedRevision[];
  readonly delete: readonly string[];
  readonly minInstances: number;
  readonly ingress: Ingress;
  readonly members: readonly string[];
  readonly instances: number;
}

/** What one step does to the platform. */
export function perform(
  state: State,
  kind: string,
  given: JsonObject,
): { readonly state: State; readonly output: JsonObject } {
  // The decoder of step inputs, as the provider has one.
  const input: StepInput = JSON.parse(JSON.stringify(given));
  const acts: Readonly<Record<string, (state: State, input: StepInput) => JsonObject | void>> =
    ACTS;
  const act = acts[kind];
  // What belongs to event sources is not seen when a function is read.
  return { state, output: act?.(state, input) ?? {} };
}

const ACTS = {
  [STEP.settingsSecret]: (state: State, { labels, adopt }: StepInput) => {
    if (state.secret && !adopt && state.secret.labels[LABEL.function] === undefined) {
      throw new Error('The secret is of a stranger.');
    }
    state.secret = { etag: 1, annotation: state.secret?.annotation ?? '', labels };
  },
  [STEP.record]: (state: State, { record, expected }: StepInput) => {
    const secret = present(state.secret);
    if (typeof expected === 'object' && expected?.etag !== undefined) {
      expectSame(expected.etag, String(secret.etag));
    }
    expectNext(state, typeof expected === 'object' ? (expected?.next ?? null) : expected);
    secret.etag += 1;
    secret.annotation = encodeRecord(record) ?? '';
  },
  [STEP.serviceAccount]: (state: State) => void (state.account = true),
  [STEP.secretAccess]: (state: State) => void present(state.secret),
  [STEP.settings]: (state: State, input: StepInput) => {
    present(state.secret);
    expectNext(state, typeof input.expected === 'string' ? input.expected : null);
    state.settings = JSON.parse(JSON.stringify(input));
  },
  [STEP.source]: (state: State) => {
    state.uploads += 1;
    return { bucket: 'gcf', object: `source-${state.uploads}.zip`, generation: '1' };
  },
  [STEP.function]: (state: State, input: StepInput) => build(state, input),
  [STEP.tag]: (state: State, { revision, tag, live }: StepInput) => {
    const { traffic, revisions } = present(state.service);
    if (!revisions.includes(revision)) throw new Error(`There is no revision ${revision}.`);
    const others = traffic.filter((one) => one.tag !== tag);
    const pinned = live === null ? [{ revision, percent: 100, tag }] : [];
    present(state.service).traffic = [
      ...others.map((one) => (live === null ? { ...one, percent: 0 } : one)),
      ...(live === null ? pinned : [{ revision, percent: 0, tag }]),
    ];
    const { ingress } = present(state.service);
    return { url: URL_OF_SERVICE.replace('//', `//${tag}---`), ingress };
  },
  [STEP.verify]: () => ({}),
  [STEP.traffic]: (state: State, { revision, tags, expected }: StepInput) => {
    expectNext(state, typeof expected === 'string' ? expected : null);
    const service = present(state.service);
    for (const one of [revision, ...tags.map((other) => other.revision)]) {
      if (!service.revisions.includes(one)) throw new Error(`There is no revision ${one}.`);
    }
    service.traffic = tags.map((one) => ({
      ...one,
      percent: one.revision === revision ? 100 : 0,
    }));
  },
  [STEP.scale]: (state: State, { minInstances }: StepInput) =>
    void (present(state.service).minInstances = minInstances),
  [STEP.ingress]: (state: State, { ingress }: StepInput) =>
    void (present(state.service).ingress = ingress),
  [STEP.access]: (state: State, { members }: StepInput) => {
    present(state.service).isPublic = members.includes('allUsers');
    present(state.service).callers = members;
  },
  [STEP.retireVersions]: (state: State, input: StepInput) => {
    const service = present(state.service);
    const tags = input.keep.map(({ tag }) => tag);
    service.traffic = service.traffic.filter(
      ({ tag, percent }) => percent > 0 || (tag !== null && tags.includes(tag)),
    );
    for (const one of input.delete) {
      if (one === service.revisions.at(-1)) throw new Error('It is the latest that was made.');
      if (service.traffic.some(({ revision }) => revision === one)) {
        throw new Error('It is served.');
      }
      service.revisions = service.revisions.filter((revision) => revision !== one);
    }
  },
  [STEP.deleteFunction]: (state: State) => {
    state.function = null;
    state.service = null;
  },
  [STEP.deleteServiceAccount]: (state: State) => void (state.account = false),
  [STEP.deleteSecret]: (state: State) => {
    state.secret = null;
    state.settings = null;
  },
  [STEP.warm]: (_: State, { instances }: StepInput) => ({ distinctInstances: instances }),
};

/** As Cloud Functions: a revision for each build, and what a service was set to besides is lost. */
function build(state: State, { build: digest, wish, mask }: StepInput): JsonObject {
  if (state.settings === null) throw new Error('The revision has no settings to start with.');
  const { serviceConfig }: { serviceConfig: { serviceAccountEmail: string } } = JSON.parse(
    JSON.stringify(wish),
  );
  const isGiven = serviceConfig.serviceAccountEmail === GIVEN_ACCOUNT;
  if (!state.account && !isGiven) throw new Error('There is no such service account.');
  if (mask.length === 0) throw new Error('An update without a mask replaces everything.');
  const found = state.function;
  if (found?.state === 'FAILED' && !found.hasService) throw new Error('It cannot be updated.');
  const isDone = found?.labels[LABEL.build] === digest && found.state === 'ACTIVE';
  if (!isDone) {
    state.made += 1;
    state.builds += 1;
    const revision = `orders-${String(state.made).padStart(5, '0')}-${digestOf(state.made).slice(0, 3)}`;
    const built: { labels: Record<string, string> } = JSON.parse(JSON.stringify(wish));
    state.function = {
      state: 'ACTIVE',
      environment: 'GEN_2',
      hasService: true,
      labels: built.labels,
      updates: (found?.updates ?? 0) + 1,
      wish: built,
    };
    state.service = {
      revisions: [...(state.service?.revisions ?? []), revision],
      traffic: state.service?.traffic ?? [{ revision, percent: 100, tag: null }],
      minInstances: 0,
      ingress: state.service?.ingress ?? 'ALLOW_ALL',
      isPublic: state.service?.isPublic ?? false,
      callers: state.service?.callers ?? [],
    };
  }
  return {
    revision: present(state.service).revisions.at(-1) ?? '',
    service: 'projects/shop-project/locations/europe-west3/services/shop-dev-orders',
    url: URL_OF_SERVICE,
    createdAt: new Date(state.made * 1000).toISOString(),
  };
}

function expectNext(state: State, next: string | null): void {
  if (next === null) return;
  expectSame(next, decodeRecord(present(state.secret).annotation)?.next ?? null);
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('The step needs something that is not there.');
  return value;
}

function expectSame(given: string | null, actual: string | null): void {
  if (given !== actual) throw new Error(`The step expects ${given}, it is ${actual}.`);
}
