/** A reading of the Vercel adapter's plans that sends nothing: what planning leads to. */
import {
  digestOf,
  versionDigest,
  type ArtifactManifest,
  type Binding,
  type FunctionRef,
  type JsonObject,
  type Plan,
} from 'polyfaas/spi';
import type { VercelObserved } from '../../providers/vercel/model.ts';
import { projectName } from '../../providers/vercel/names.ts';
import {
  platformSettings,
  type VercelFunctionOptions,
  type VercelOptions,
} from '../../providers/vercel/options.ts';
import { createPlanners } from '../../providers/vercel/plan/index.ts';
import { presentVersions } from '../../providers/vercel/plan/versions.ts';
import { resolveObject } from '../../src/engine/refs.ts';
import { normalizeEvent, normalizeFunction } from '../../src/spec/normalize.ts';
import type { EventSpec, FunctionSpecBase } from '../../src/spec/types.ts';
import { deepFreeze } from './deep-freeze.ts';
import { EMPTY_STATE, keptOf, perform, type State } from './vercel-platform.ts';

const identity = { account: 'team_1', region: 'fra1' };
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

/** A wish: a letter in place of code, and the rest as users declare it. */
export interface Wish extends Omit<FunctionSpecBase, 'providerOptions' | 'handles'> {
  readonly code: string;
  readonly vercel?: VercelFunctionOptions;
  readonly adopt?: boolean;
  readonly pruneBindings?: boolean;
  readonly handles?: ArtifactManifest['handles'];
}

export interface World {
  observed(): VercelObserved;
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

/** With Vercel Queues, unless they are not to be used. */
export function vercelWorld(
  options: VercelOptions & VercelFunctionOptions = {},
  { queues = true }: { readonly queues?: boolean } = {},
): World {
  const given = { team: identity.account, ...(queues ? { queues: 'beta' } : {}), ...options };
  const settings = platformSettings(given, identity.region, {});
  const planners = createPlanners(settings);
  const base = { ref, identity };
  let isFull = false;
  let state: State = structuredClone(EMPTY_STATE);
  const observed = (): VercelObserved => deepFreeze(observe(state, isFull));
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
      const name = projectName(ref);
      state.project = { id: 'prj_theirs', name, production: 'dpl_theirs', hasBypass: false };
      state.deployments = [
        {
          id: 'dpl_theirs',
          host: 'theirs.vercel.app',
          digest: null,
          version: null,
          state: 'READY',
          hasServed: true,
          keys: 0,
        },
      ];
      state.variables = [{ key: 'THEIRS', targets: ['production'] }];
    },
    meddle(change) {
      state = structuredClone(state);
      change(state);
    },
  };
}

function observe(state: State, isFull: boolean): VercelObserved {
  const { project, variables, deployments } = state;
  const kept = keptOf(state);
  const isStranger = project !== null && kept === null;
  const base: VercelObserved = {
    token: project === null ? 'absent' : digestOf({ kept, project, variables }),
    description: undefined,
    physicalName: projectName(ref),
    isStranger,
    isOwned: kept !== null,
    project: project && {
      id: project.id,
      production: project.production,
      aliases: project.production === null ? [] : [`${project.name}.vercel.app`],
      lastAliasRequest: null,
      hasBypass: project.hasBypass,
    },
    variables:
      project &&
      variables.map(({ key, targets }) => ({ id: `env_${key}`, key, type: 'encrypted', targets })),
    kept,
    deployments: isFull
      ? deployments.map(({ id, state: readyState, digest }) => ({ id, state: readyState, digest }))
      : null,
  };
  return isStranger || kept === null ? base : { ...base, description: describe(base, kept) };
}

function describe(
  observed: VercelObserved,
  { record }: NonNullable<VercelObserved['kept']>,
): NonNullable<VercelObserved['description']> {
  const { live, kept } = presentVersions(record, observed);
  const { bindings } = record;
  const hasRoute = bindings.some(({ event }) => event.type === 'http' && event.enabled);
  const [host] = observed.project?.aliases ?? [];
  return {
    ...ref,
    provider: 'vercel',
    region: identity.region,
    physicalName: observed.physicalName,
    liveVersion: live?.version ?? null,
    versions: kept.map(({ version, createdAt, digest, config }) => ({
      version,
      createdAt: createdAt ?? '',
      digest,
      handles: config.handles,
      memoryMb: config.memoryMb,
      timeoutSeconds: config.timeoutSeconds,
    })),
    bindings,
    url: live && hasRoute && host !== undefined ? `https://${host}` : null,
  };
}

function deployRequest(
  wish: Wish,
  base: { readonly ref: FunctionRef; readonly identity: typeof identity },
) {
  const { code, adopt = false, pruneBindings = false, vercel, handles, ...declared } = wish;
  const { spec } = normalizeFunction(ref.name, {
    ...declared,
    ...(vercel ? { providerOptions: { vercel } } : {}),
    entry: './orders.ts',
  });
  const artifact: ArtifactManifest = {
    form: 'zip',
    digest: digestOf(code),
    sizeBytes: 1000,
    unpackedBytes: 2000,
    entryFile: 'index.mjs',
    handles: handles ?? ['invoke', 'http', 'schedule', 'queue', 'topic'],
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
