/** A reading of the AWS adapter's plans that sends nothing: what planning leads to. */
import {
  digestOf,
  versionDigest,
  type ArtifactManifest,
  type Binding,
  type FunctionRef,
  type JsonObject,
  type Plan,
} from 'polyfaas/spi';
import type { AwsOptions, AwsFunctionOptions } from '../../providers/aws/index.ts';
import type { AwsObserved, VersionConfig } from '../../providers/aws/model.ts';
import { functionArn, isOwnedBy } from '../../providers/aws/names.ts';
import { decodeNote } from '../../providers/aws/note.ts';
import { needsOf } from '../../providers/aws/observe/config.ts';
import { platformSettings } from '../../providers/aws/options.ts';
import { createPlanners } from '../../providers/aws/plan/index.ts';
import { EMPTY_RECORD, decodeRecord } from '../../providers/aws/record.ts';
import { resolveObject } from '../../src/engine/refs.ts';
import { normalizeEvent, normalizeFunction } from '../../src/spec/normalize.ts';
import type { EventSpec, FunctionSpecBase } from '../../src/spec/types.ts';
import { perform, type State } from './aws-platform.ts';
import { deepFreeze } from './deep-freeze.ts';

const PHYSICAL_NAME = 'shop-dev-orders';
const identity = { account: '123456789012', region: 'eu-central-1' };
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

/** A wish: a letter in place of code, and the rest as users declare it. */
export interface Wish extends Omit<FunctionSpecBase, 'providerOptions'> {
  readonly code: string;
  readonly image?: boolean;
  readonly sizeBytes?: number;
  readonly aws?: AwsFunctionOptions;
  readonly adopt?: boolean;
  readonly pruneBindings?: boolean;
}

export interface World {
  observed(): AwsObserved;
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

export function awsWorld(options: AwsOptions = {}): World {
  const planners = createPlanners(platformSettings(options, identity.region, {}));
  const base = { ref, identity };
  let isFull = false;
  let state: State = {
    latest: null,
    alias: null,
    versions: [],
    async: null,
    provisioned: null,
    logRetentionDays: null,
    role: null,
  };
  const observed = (): AwsObserved => deepFreeze(observe(state, isFull));
  return {
    observed,
    deploy: (wish) => planners.deploy(deepFreeze(deployRequest(wish)), observed()),
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
      state.latest = {
        revision: 7,
        codeSha256: 'theirs',
        packageType: 'Zip',
        architecture: 'x86_64',
        sourceKmsKeyArn: null,
        config: {
          ...emptyConfig(),
          roleArn: 'arn:aws:iam::123456789012:role/theirs',
        },
        reserved: null,
        tags: { owner: 'somebody' },
      };
    },
    meddle(change) {
      state = structuredClone(state);
      change(state);
    },
  };
}

function emptyConfig(): VersionConfig {
  return {
    roleArn: '',
    description: '',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    memoryMb: 128,
    timeoutSeconds: 3,
    env: {},
    layers: [],
    vpc: null,
    ephemeralStorageMb: 512,
    kmsKeyArn: null,
    tracing: 'PassThrough',
    logFormat: 'Text',
    image: null,
  };
}

function observe(state: State, isFull: boolean): AwsObserved {
  const { latest, alias } = state;
  const none = {
    physicalName: PHYSICAL_NAME,
    isStranger: false,
    isOwned: false,
    actual: null,
    leftovers: [],
    record: EMPTY_RECORD,
  };
  if (!latest) {
    return {
      ...none,
      token: 'absent',
      description: undefined,
      functionArn: '',
      latest: null,
      live: null,
      versions: [],
      leftovers: isFull && state.role ? ['role'] : [],
    };
  }
  const isStranger = !isOwnedBy(ref, latest.tags);
  const record = (isStranger ? undefined : decodeRecord(latest.tags)) ?? EMPTY_RECORD;
  const note = decodeNote(alias?.description) ?? null;
  const versions = state.versions.map(({ version, description, config }) => ({
    version,
    needs: needsOf(config),
    note: version === alias?.version ? note : (decodeNote(description) ?? null),
  }));
  return {
    ...none,
    token: digestOf({
      ...state,
      versions: state.versions.map(({ config: _config, ...one }) => one),
    }),
    functionArn: functionArn(identity, PHYSICAL_NAME),
    isStranger,
    latest: {
      ...latest,
      revisionId: String(latest.revision),
      digest: latest.config.env['POLYFAAS_DIGEST'] ?? null,
      roleArn: latest.config.roleArn,
    },
    live: alias && {
      version: alias.version,
      revisionId: String(alias.revision),
      note: note?.version === alias.version ? note : null,
      weights: alias.weights,
    },
    versions,
    actual: isFull && !isStranger ? actualOf(state) : null,
    record,
    description: isStranger
      ? undefined
      : {
          ...ref,
          provider: 'aws',
          region: identity.region,
          physicalName: PHYSICAL_NAME,
          liveVersion: alias?.version ?? null,
          versions: versions.map((one) => ({
            version: one.version,
            createdAt: one.note?.createdAt ?? '',
            digest: one.note?.digest ?? '',
            handles: one.note?.handles ?? [],
            memoryMb: one.note?.memoryMb ?? 0,
            timeoutSeconds: one.note?.timeoutSeconds ?? 0,
          })),
          bindings: record.bindings,
          url: record.url,
        },
  };
}

function actualOf(state: State): AwsObserved['actual'] {
  const { async, provisioned, logRetentionDays, role } = state;
  return { policies: role, async, provisioned, logRetentionDays, hasForeignLog: false };
}

function deployRequest(wish: Wish) {
  const { code, adopt = false, pruneBindings = false, aws, image, sizeBytes, ...declared } = wish;
  const { spec } = normalizeFunction(ref.name, {
    ...declared,
    ...(aws ? { providerOptions: { aws } } : {}),
    entry: './orders.ts',
  });
  const artifact: ArtifactManifest = {
    form: image ? 'image' : 'zip',
    digest: digestOf(code),
    sizeBytes: sizeBytes ?? 1000,
    unpackedBytes: 2000,
    entryFile: 'polyfaas.mjs',
    handles: image ? [] : ['invoke', 'http', 'schedule', 'queue', 'topic'],
    signature: 'polyfaas',
    needsProcess: false,
    ...(image
      ? { imageUri: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders:${code}` }
      : {}),
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
  return { ref, identity, spec, artifact, versionDigest: digest, adopt, prune: pruneBindings };
}
