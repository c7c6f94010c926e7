/** A reading of the Google adapter's plans that sends nothing: what planning leads to. */
import {
  digestOf,
  versionDigest,
  type ArtifactManifest,
  type Binding,
  type FunctionRef,
  type JsonObject,
  type Plan,
} from 'polyfaas/spi';
import type { GcpFunctionOptions, GcpOptions } from '../../providers/gcp/options.ts';
import type { GcpObserved } from '../../providers/gcp/model.ts';
import { observedOf } from '../../providers/gcp/observe.ts';
import { secretOf } from '../../providers/gcp/observe/secret.ts';
import { platformSettings } from '../../providers/gcp/options.ts';
import { placeOf } from '../../providers/gcp/place.ts';
import { createPlanners } from '../../providers/gcp/plan/index.ts';
import { RECORD_ANNOTATION } from '../../providers/gcp/record.ts';
import { resolveObject } from '../../src/engine/refs.ts';
import { normalizeEvent, normalizeFunction } from '../../src/spec/normalize.ts';
import type { EventSpec, FunctionSpecBase } from '../../src/spec/types.ts';
import { deepFreeze } from './deep-freeze.ts';
import { EMPTY_STATE, perform, URL_OF_SERVICE, type State } from './gcp-platform.ts';

const identity = {
  account: 'shop-project',
  region: 'europe-west3',
  details: { projectNumber: '123456789012' },
};
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

/** A wish: a letter in place of code, and the rest as users declare it. */
export interface Wish extends Omit<FunctionSpecBase, 'providerOptions' | 'handles'> {
  readonly code: string;
  readonly gcp?: GcpFunctionOptions;
  readonly adopt?: boolean;
  readonly pruneBindings?: boolean;
  readonly handles?: ArtifactManifest['handles'];
}

export interface World {
  observed(): GcpObserved;
  state(): State;
  deploy(wish: Wish): Plan;
  configureEvent(event: EventSpec): Plan;
  removeEvent(bindingId: string): Plan;
  rollback(version: string): Plan;
  remove(): Plan;
  prune(keepVersions: number): Plan;
  preWarm(instances: number): Plan;
  /** Does what the plan says, up to a number of steps, and gives the plan back. */
  apply(plan: Plan, steps?: number): Plan;
  /** From here on, what is observed is a full reading. */
  readAll(): void;
  /** Puts a namesake there that is somebody else's. */
  stranger(): void;
  /** Lets somebody change things behind our back. */
  meddle(change: (state: State) => void): void;
}

export function gcpWorld(
  options: GcpOptions & GcpFunctionOptions = {},
  region = identity.region,
): World {
  const settings = platformSettings({ projectId: identity.account, ...options }, region, {});
  const planners = createPlanners(settings);
  const base = { ref, identity: { ...identity, region } };
  let isFull = false;
  let state: State = structuredClone(EMPTY_STATE);
  const observed = (): GcpObserved => deepFreeze(observe(state, settings, region, isFull));
  return {
    observed,
    state: () => state,
    deploy: (wish) => planners.deploy(deepFreeze(deployRequest(wish, base)), observed()),
    configureEvent(event) {
      const binding: Binding = { ...normalizeEvent(event), origin: 'api' };
      return planners.configureEvent(deepFreeze({ ...base, binding }), observed());
    },
    removeEvent: (bindingId) =>
      planners.removeEvent(deepFreeze({ ...base, bindingId }), observed()),
    rollback: (version) => planners.rollback(deepFreeze({ ...base, version }), observed()),
    remove: () => planners.remove(deepFreeze(base), observed()),
    prune: (keepVersions) => planners.prune(deepFreeze({ ...base, keepVersions }), observed()),
    preWarm: (instances) => planners.preWarm(deepFreeze({ ...base, instances }), observed()),
    apply(plan, steps = plan.steps.length) {
      const outputs = new Map<string, JsonObject>();
      for (const step of plan.steps.slice(0, steps)) {
        const input = resolveObject(step.input, outputs);
        const result = perform(structuredClone(state), step.kind, input);
        state = result.state;
        outputs.set(step.id, result.output);
      }
      if (steps >= plan.steps.length) resolveObject(plan.result, outputs);
      return plan;
    },
    readAll() {
      isFull = true;
    },
    stranger() {
      state.function = {
        state: 'ACTIVE',
        environment: 'GEN_2',
        hasService: true,
        labels: { owner: 'somebody' },
        updates: 7,
      };
      state.made = 1;
      state.service = {
        revisions: ['theirs-00001-abc'],
        traffic: [{ revision: 'theirs-00001-abc', percent: 100, tag: null }],
        minInstances: 0,
        isPublic: false,
      };
    },
    meddle(change) {
      state = structuredClone(state);
      change(state);
    },
  };
}

function observe(
  state: State,
  settings: ReturnType<typeof platformSettings>,
  region: string,
  isFull: boolean,
): GcpObserved {
  const place = placeOf(ref, { projectId: identity.account, location: region }, settings);
  const { function: found, secret, service } = state;
  const observed = observedOf(
    place,
    found && {
      state: found.state,
      service: found.hasService ? place.serviceName : null,
      url: found.hasService ? URL_OF_SERVICE : null,
      labels: found.labels,
      environment: found.environment,
      serviceAccount: place.ownServiceAccount,
      updateTime: new Date(found.updates * 1000).toISOString(),
    },
    secret === null
      ? undefined
      : secretOf(
          {
            name: place.settingsSecret,
            etag: String(secret.etag),
            labels: secret.labels,
            annotations: { [RECORD_ANNOTATION]: secret.annotation },
          },
          place.settingsSecret,
          ref,
        ),
  );
  if (!isFull || observed.isStranger) return observed;
  return {
    ...observed,
    leftovers: secret === null && state.account ? ['serviceAccount'] : [],
    service: service && {
      etag: '1',
      minInstances: service.minInstances,
      traffic: service.traffic,
      ingress: 'INGRESS_TRAFFIC_ALL',
      isPublic: service.isPublic,
    },
  };
}

function deployRequest(
  wish: Wish,
  base: { readonly ref: FunctionRef; readonly identity: typeof identity },
) {
  const { code, adopt = false, pruneBindings = false, gcp, handles, ...declared } = wish;
  const { spec } = normalizeFunction(ref.name, {
    ...declared,
    ...(gcp ? { providerOptions: { gcp } } : {}),
    entry: './orders.ts',
  });
  const artifact: ArtifactManifest = {
    form: 'zip',
    digest: digestOf(code),
    sizeBytes: 1000,
    unpackedBytes: 2000,
    entryFile: 'polyfaas.mjs',
    handles: handles ?? ['invoke', 'http', 'schedule', 'queue', 'topic', 'object', 'table', 'bus'],
    signature: 'polyfaas',
    needsProcess: false,
  };
  const { env, memoryMb, timeoutSeconds, runtime, architecture } = spec;
  const digest = versionDigest({
    artifactDigest: artifact.digest,
    env,
    memoryMb,
    timeoutSeconds,
    runtime,
    architecture,
  });
  return { ...base, spec, artifact, versionDigest: digest, adopt, prune: pruneBindings };
}
