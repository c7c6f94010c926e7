/** The steps that make a version and move the traffic to it. */
import { sameJson, type FromRef, type JsonObject, type Step } from 'polyfaas/spi';
import { fingerprint } from '../fingerprint.ts';
import type { AwsObserved, Target, VersionNote } from '../model.ts';
import type { FunctionRecord } from '../record.ts';
import { settingBefore, decodeSettings } from './applied.ts';
import { step } from './parts.ts';
import { newestServed } from './served.ts';
import { isShared } from './shared.ts';
import type { VersionWish } from './wish.ts';

const START_SECONDS = 600;
const UPLOAD_SECONDS = 600;
/** As long as other tools wait for instances that are to stand ready. */
const STANDING_SECONDS = 900;
const VERIFY_SECONDS = 180;

export interface VersionSteps {
  /** Steps of phase `prepare` that write nothing. They belong before any other step. */
  readonly checks: readonly Step[];
  readonly prepare: readonly Step[];
  readonly publish: readonly Step[];
  readonly switches: readonly Step[];
  /** After the switch: what was only needed on the way. */
  readonly retire: readonly Step[];
}

export interface NewFunction {
  readonly record: FunctionRecord;
  readonly tags: Readonly<Record<string, string>>;
}

export function versionSteps(
  target: Target,
  wish: VersionWish,
  observed: AwsObserved,
  parts: {
    /** The names of the secrets that an instance reads when it starts. */
    readonly secrets: readonly string[];
    /** What a function that is not there yet is tagged with. */
    readonly created: NewFunction;
    /** A namesake that is taken over. */
    readonly claims: boolean;
    /** A later step changes how many instances stand ready. */
    readonly changesCapacity: boolean;
  },
): VersionSteps {
  const { created, claims, changesCapacity } = parts;
  const { code } = wish;
  const prepare: Step[] = [];
  const retire: Step[] = [];
  const makes = makingSteps(target, wish, observed, created);
  if (code.form === 's3' && makes.some(({ id }) => id === 'create' || id === 'code')) {
    prepare.push(
      step(target, {
        id: 'upload',
        kind: 'upload-artifact',
        phase: 'prepare',
        title: 'Upload the zip',
        input: code,
        deadlineSeconds: UPLOAD_SECONDS,
        attemptSeconds: UPLOAD_SECONDS,
      }),
    );
    retire.push(
      step(target, {
        id: 'upload-gone',
        kind: 'delete-artifacts',
        phase: 'retire',
        title: 'Delete the uploaded zip',
        input: { bucket: code.bucket },
      }),
    );
  }
  return {
    checks: handlerCheck(target, wish),
    prepare,
    publish: [
      ...makes,
      publishStep(target, wish, observed, makes),
      ...verifySteps(target, observed, {
        version: { $from: 'publish.version' },
        hasShim: wish.note.hasShim,
        secrets: parts.secrets,
      }),
    ],
    switches: [
      ...(claims ? [claimStep(target, created)] : []),
      aliasStep(target, wish, observed, changesCapacity),
    ],
    retire,
  };
}

/** What others built is not started before it is live. What a layer brings cannot be seen. */
function handlerCheck(target: Target, { code, config, note }: VersionWish): readonly Step[] {
  const { handler, runtime, layers } = config;
  if (code.form === 'image' || note.hasShim || layers.length > 0) return [];
  if (handler === null || runtime?.startsWith('nodejs') !== true) return [];
  return [
    step(target, {
      id: 'handler-check',
      kind: 'check-handler',
      phase: 'prepare',
      title: 'See that the zip holds its handler',
      input: { artifactDigest: code.artifactDigest, handler },
    }),
  ];
}

/** Of a function that is stopped, no instance starts. */
export function verifySteps(
  target: Target,
  { latest }: AwsObserved,
  input: {
    readonly version: string | FromRef;
    readonly hasShim: boolean;
    readonly secrets: readonly string[];
  },
): readonly Step[] {
  if (latest?.reserved === 0) return [];
  return [
    step(target, {
      id: 'verify',
      kind: 'verify-version',
      phase: 'verify',
      title: 'Start an instance of it',
      input,
      deadlineSeconds: VERIFY_SECONDS,
      attemptSeconds: VERIFY_SECONDS,
    }),
  ];
}

/** Brings `$LATEST` to what the next version is made of. */
function makingSteps(
  target: Target,
  wish: VersionWish,
  observed: AwsObserved,
  created: NewFunction,
): readonly Step[] {
  const { config, architecture, code } = wish;
  const { sourceKmsKeyArn } = wish.settings;
  const { latest } = observed;
  const codeInput = { code, architecture, sourceKmsKeyArn };
  if (!latest) {
    return [
      step(target, {
        id: 'create',
        kind: 'create-function',
        phase: 'publish',
        title: 'Create the function',
        input: { config, ...codeInput, record: created.record, tags: created.tags },
        deadlineSeconds: START_SECONDS,
        attemptSeconds: UPLOAD_SECONDS,
      }),
    ];
  }
  const steps: Step[] = [];
  if (!sameJson(latest.config, config)) {
    steps.push(
      step(target, {
        id: 'configuration',
        kind: 'update-configuration',
        phase: 'publish',
        title: 'Change the configuration',
        input: {
          config,
          expected: latest.revisionId,
          base: fingerprint(latest.config, latest.codeSha256),
        },
        deadlineSeconds: START_SECONDS,
      }),
    );
  }
  if (!isSameCode(wish, observed)) {
    steps.push(
      step(target, {
        id: 'code',
        kind: 'update-code',
        phase: 'publish',
        title: 'Change the code',
        input: {
          ...codeInput,
          config,
          expected: steps.length > 0 ? { $from: 'configuration.revisionId' } : latest.revisionId,
          base: fingerprint(config, latest.codeSha256),
        },
        deadlineSeconds: START_SECONDS,
        attemptSeconds: UPLOAD_SECONDS,
      }),
    );
  }
  return steps;
}

function publishStep(
  target: Target,
  wish: VersionWish,
  observed: AwsObserved,
  makes: readonly Step[],
): Step {
  const last = makes.at(-1)?.id;
  const { latest } = observed;
  const hasNewCode = last === 'create' || last === 'code';
  return step(target, {
    id: 'publish',
    kind: 'publish-version',
    phase: 'publish',
    title: 'Publish a version',
    input: {
      config: wish.config,
      note: { ...wish.note, newest: newestServed(observed) },
      expected: last === undefined ? (latest?.revisionId ?? '') : { $from: `${last}.revisionId` },
      codeSha256: hasNewCode ? { $from: `${last}.codeSha256` } : (latest?.codeSha256 ?? ''),
    },
    deadlineSeconds: START_SECONDS,
  });
}

function claimStep(target: Target, { record, tags }: NewFunction): Step {
  return step(target, {
    id: 'claim',
    kind: 'write-record',
    phase: 'switch',
    title: 'Take the function over',
    input: { record, tags, untag: [] },
  });
}

function aliasStep(
  target: Target,
  wish: VersionWish,
  observed: AwsObserved,
  changesCapacity: boolean,
): Step {
  const { live } = observed;
  const weight = wish.settings.canaryWeight;
  const published: JsonObject = {
    version: { $from: 'publish.version' },
    codeSha256: { $from: 'publish.codeSha256' },
    createdAt: { $from: 'publish.createdAt' },
  };
  // A share of the traffic needs a version that has the rest.
  const old = isShared(wish, observed) ? live : null;
  const isCanary = old?.note != null;
  const note = isCanary
    ? {
        ...old.note,
        canary: { version: { $from: 'publish.version' }, digest: wish.digest },
        newest: { $from: 'publish.version' },
      }
    : { ...wish.note, ...published, newest: { $from: 'publish.version' } };
  return step(target, {
    id: 'live',
    kind: 'set-alias',
    phase: 'switch',
    title: isCanary ? 'Give the version its share of the traffic' : 'Make the version live',
    input: {
      version: isCanary ? old.version : { $from: 'publish.version' },
      share: isCanary && weight !== null ? { version: { $from: 'publish.version' }, weight } : null,
      note,
      expected: live?.revisionId ?? null,
      ...standing(observed, changesCapacity),
    },
    ...moveTime(observed),
  });
}

/** Marks a move that takes as long as instances of the other version take to stand ready. */
function standing(observed: AwsObserved, changesCapacity: boolean): JsonObject {
  if (!mayStand(observed)) return {};
  return { hasStanding: true, ...(changesCapacity ? { changesCapacity } : {}) };
}

function moveTime(observed: AwsObserved): { readonly deadlineSeconds?: number } {
  return mayStand(observed) ? { deadlineSeconds: STANDING_SECONDS } : {};
}

function mayStand({ live, record }: AwsObserved): boolean {
  return live !== null && settingBefore(decodeSettings(record.settings), 'provisioned') !== null;
}

/** The step that moves all traffic to a version that is there already. */
export function moveStep(
  target: Target,
  observed: AwsObserved,
  to: {
    readonly version: string;
    readonly note: VersionNote;
    readonly share?: { readonly version: string; readonly weight: number } | null;
    readonly title: string;
    /** A later step changes how many instances stand ready. Default false. */
    readonly changesCapacity?: boolean;
  },
): Step {
  return step(target, {
    id: 'live',
    kind: 'set-alias',
    phase: 'switch',
    title: to.title,
    input: {
      version: to.version,
      share: to.share ?? null,
      note: to.note,
      expected: observed.live?.revisionId ?? null,
      ...standing(observed, to.changesCapacity === true),
    },
    ...moveTime(observed),
  });
}

/** Deletes the versions that are too many. */
export function retireStep(
  target: Target,
  input: {
    /** The version that got the traffic. */
    readonly newest: string | FromRef;
    /** The one that had it: it stays longest. */
    readonly previous: string | null;
    /** False: numbers grow by one, so where the newest is small enough, none is too many. */
    readonly mayExceed: boolean;
    /** The newest that had traffic before; null where that is not known. */
    readonly served: string | null;
    readonly keepVersions: number;
  },
): Step {
  return step(target, {
    id: 'retire',
    kind: 'retire-versions',
    phase: 'retire',
    title: 'Delete old versions',
    input,
    deadlineSeconds: 300,
  });
}

/** Known only when the live version was made of the same artifact, and its zip is the one that lies there. */
function isSameCode(wish: VersionWish, { live, latest }: AwsObserved): boolean {
  const note = live?.note;
  return (
    latest !== null &&
    note != null &&
    note.artifactDigest === wish.note.artifactDigest &&
    note.codeSha256 !== null &&
    note.codeSha256 === latest.codeSha256 &&
    latest.architecture === wish.architecture &&
    latest.sourceKmsKeyArn === wish.settings.sourceKmsKeyArn
  );
}
