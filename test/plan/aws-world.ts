/** A reading of the AWS adapter's plans that sends nothing: what planning leads to. */
import { digestOf, type ArtifactManifest, type FunctionRef } from 'polyfaas/spi';
import type { AwsOptions, AwsFunctionOptions } from '../../providers/aws/index.ts';
import type { AwsObserved, VersionConfig } from '../../providers/aws/model.ts';
import { functionArn, isOwnedBy } from '../../providers/aws/names.ts';
import { decodeNote } from '../../providers/aws/note.ts';
import { needsOf } from '../../providers/aws/observe/config.ts';
import { platformSettings } from '../../providers/aws/options.ts';
import { createPlanners } from '../../providers/aws/plan/index.ts';
import { EMPTY_RECORD, decodeRecord } from '../../providers/aws/record.ts';
import { deployRequest, type PlainWish } from '../support/plan/deploy-request.ts';
import { simulatedWorld, type SimulatedWorld } from '../support/plan/simulated-world.ts';
import { perform, type State } from './aws-platform.ts';

const PHYSICAL_NAME = 'shop-dev-orders';
const identity = { account: '123456789012', region: 'eu-central-1' };
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

export interface Wish extends Omit<PlainWish, 'providerOptions'> {
  readonly image?: boolean;
  readonly sizeBytes?: number;
  readonly aws?: AwsFunctionOptions;
}

export type World = SimulatedWorld<Wish, AwsObserved, State>;

const EMPTY_STATE: State = {
  latest: null,
  alias: null,
  versions: [],
  async: null,
  provisioned: null,
  logRetentionDays: null,
  role: null,
};

export function awsWorld(options: AwsOptions = {}): World {
  const base = { ref, identity };
  return simulatedWorld({
    planners: createPlanners(platformSettings(options, identity.region, {})),
    base,
    empty: EMPTY_STATE,
    observe,
    perform,
    requestOf({ aws, image, sizeBytes = 1000, ...wish }: Wish) {
      const declared = { ...wish, ...(aws ? { providerOptions: { aws } } : {}) };
      const made = image ? imageOf(wish.code) : ZIP;
      return deployRequest(base, declared, { ...made, sizeBytes });
    },
    stranger(state) {
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
  });
}

type Made = Pick<ArtifactManifest, 'form' | 'handles' | 'imageUri'>;

const ZIP: Made = { form: 'zip', handles: ['invoke', 'http', 'schedule', 'queue', 'topic'] };

function imageOf(code: string): Made {
  const imageUri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders:${code}`;
  return { form: 'image', handles: [], imageUri };
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
