/** The steps that build a version, see that it works, and bring it into service. */
import type { FromRef, Step } from 'polyfaas/spi';
import type { Ingress } from '../ingress.ts';
import type { Target } from '../model.ts';
import { tagOf } from '../names.ts';
import {
  STEP,
  type DeleteFunctionInput,
  type FunctionInput,
  type RetireVersionsInput,
  type SourceInput,
  type TaggedRevision,
} from '../steps.ts';
import { serviceLock, writesLock } from './locks.ts';
import { BUILD, step } from './parts.ts';
import { MASK, UPLOAD, type VersionWish } from './wish.ts';

const UPLOAD_SECONDS = 900;
/** One upload; a silent connection is given up after so long. */
const UPLOAD_ATTEMPT_SECONDS = 240;
/** A build takes 1 to 2 minutes; an operation that runs already is waited for first. */
const BUILD_SECONDS = 1200;
const SERVICE_SECONDS = 600;
/** One look takes a call that starts an instance. */
const VERIFY_ATTEMPT_SECONDS = 120;

export function buildSteps(
  target: Target,
  wish: VersionWish,
  options: {
    /** One that never worked, and has no service to be updated: it goes first. */
    readonly deletesFailed: boolean;
    readonly adopt: boolean;
    /** The revision that the record has as live. */
    readonly live: string | null;
    /** As declared. */
    readonly ingress: Ingress;
    /** The claim in the record. */
    readonly next: string;
  },
): readonly Step[] {
  const { deletesFailed, adopt, live, ingress, next } = options;
  const source: SourceInput = {
    parent: target.functionName.slice(0, target.functionName.indexOf('/functions/')),
    artifactDigest: wish.note.artifactDigest,
    manifest: wish.manifest,
  };
  const build: FunctionInput = {
    name: target.functionName,
    build: wish.build,
    wish: wish.wish,
    mask: MASK,
    adopt,
    ingress,
  };
  return [
    step(target, {
      id: UPLOAD,
      kind: STEP.source,
      phase: 'publish',
      title: 'Upload the source',
      input: source,
      deadlineSeconds: UPLOAD_SECONDS,
      attemptSeconds: UPLOAD_ATTEMPT_SECONDS,
    }),
    ...(deletesFailed ? [deleteFunctionStep(target, { id: 'failed', phase: 'publish' })] : []),
    step(target, {
      id: BUILD,
      kind: STEP.function,
      phase: 'publish',
      title: 'Build the version',
      input: build,
      locks: [writesLock(target)],
      deadlineSeconds: BUILD_SECONDS,
    }),
    step(target, {
      id: 'tag',
      kind: STEP.tag,
      phase: 'publish',
      title: 'Give the version an address of its own',
      input: {
        service: target.serviceName,
        revision: { $from: `${BUILD}.revision` },
        tag: tagOf(wish.note.version),
        live,
      },
      locks: [serviceLock(target)],
      deadlineSeconds: SERVICE_SECONDS,
    }),
    step(target, {
      id: 'verify',
      kind: STEP.verify,
      phase: 'verify',
      title: 'See that the version answers',
      input: {
        url: { $from: 'tag.url' },
        audience: target.url,
        functionId: signedId(target),
        version: wish.note.version,
        secret: target.settingsSecret,
        ingress: { $from: 'tag.ingress' },
        expected: next,
      },
      deadlineSeconds: SERVICE_SECONDS,
      attemptSeconds: VERIFY_ATTEMPT_SECONDS,
    }),
  ];
}

/** What signatures of direct calls are about. */
function signedId({ ref: { app, stage, name } }: Target): string {
  return `${app}/${stage}/${name}`;
}

/** One atomic act. */
export function trafficStep(
  target: Target,
  parts: {
    readonly version: string;
    /** Where it is not built in this plan. */
    readonly revision: string | FromRef;
    /** Of the other versions. */
    readonly tags: readonly TaggedRevision[];
    readonly expected: string;
  },
): Step {
  const { version, revision, expected } = parts;
  const own = { revision, tag: tagOf(version) };
  return step(target, {
    id: 'traffic',
    kind: STEP.traffic,
    phase: 'switch',
    title: `Move all traffic to version ${version}`,
    input: {
      service: target.serviceName,
      revision,
      tags: [...parts.tags.filter(({ tag }) => tag !== own.tag), own],
      mayBeGone: typeof revision === 'string',
      expected,
      secret: target.settingsSecret,
    },
    locks: [serviceLock(target)],
    deadlineSeconds: SERVICE_SECONDS,
  });
}

export function retireStep(
  target: Target,
  parts: {
    readonly keep: readonly (
      | TaggedRevision
      | { readonly revision: string | FromRef; readonly tag: string }
    )[];
    readonly delete: readonly string[];
  },
): Step {
  const input: Omit<RetireVersionsInput, 'keep'> & { readonly keep: typeof parts.keep } = {
    service: target.serviceName,
    keep: parts.keep,
    delete: parts.delete,
  };
  return step(target, {
    id: 'retire',
    kind: STEP.retireVersions,
    phase: 'retire',
    title: 'Delete old versions',
    input,
    locks: [serviceLock(target)],
    deadlineSeconds: SERVICE_SECONDS,
  });
}

export function deleteFunctionStep(
  target: Target,
  { claim, ...parts }: Pick<Step, 'id' | 'phase'> & Pick<DeleteFunctionInput, 'claim'>,
): Step {
  const input: DeleteFunctionInput = {
    name: target.functionName,
    ...(claim === undefined ? {} : { claim }),
  };
  return step(target, {
    ...parts,
    kind: STEP.deleteFunction,
    title: parts.phase === 'retire' ? 'Delete the function' : 'Delete what never worked',
    input,
    locks: [writesLock(target)],
    deadlineSeconds: BUILD_SECONDS,
  });
}
