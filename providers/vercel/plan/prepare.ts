/** The steps before a deployment is made, each a check-then-act: what the project has already needs none. */
import type { FunctionRef, Step } from 'polyfaas/spi';
import { envVariable, VARIABLE } from '../manifest.ts';
import type { Target, VercelObserved } from '../model.ts';
import { filesVariable } from '../record-text.ts';
import {
  STEP,
  type BypassInput,
  type CheckSecretsInput,
  type EnvInput,
  type FilesInput,
  type KeysInput,
  type LinkSecretsInput,
} from '../steps.ts';
import { projectIdOf, refusal, step, type Pending } from './parts.ts';
import type { VersionWish } from './wish.ts';

type Variables = Pick<VercelObserved, 'variables' | 'values'>;

/** What deployments of ours are made with. */
const TARGETS = ['production', 'preview'] as const;

/** Some deployment may read it, or all of ours will. */
function hasVariable({ variables }: Variables, key: string, isForOurs = false): boolean {
  return (variables ?? []).some(
    (one) =>
      one.key === key && (!isForOurs || TARGETS.every((target) => one.targets.includes(target))),
  );
}

/** Production deployments are made with it, whoever put it there. */
function isInProduction({ variables }: Variables, name: string): boolean {
  return (variables ?? []).some(
    ({ key, targets }) => key === name && targets.includes('production'),
  );
}

/**
 * Deployments are made with the keys of the project: without them, or with such as nobody can read, those that are there can
 * be called by nobody.
 */
export function lacksKeys({ variables, values }: Variables): boolean {
  const found = (variables ?? []).find(({ key }) => key === VARIABLE.invokeKeys);
  return found === undefined || found.type === 'sensitive' || values?.hasKeys === false;
}

/** Somebody changed the environment of the version by hand: told by a full reading only. */
export function hasOtherEnv(
  { values }: Pick<VercelObserved, 'values'>,
  { version, env }: Pick<VersionWish, 'version' | 'env'>,
): boolean {
  const digest = values?.envDigests[envVariable(version)];
  return env !== undefined && digest !== undefined && digest !== env.digest;
}

/** Those that the project itself has need neither be looked for nor linked. */
export function missingSecrets(
  observed: Variables,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secrets).filter(([variable]) => !isInProduction(observed, variable)),
  );
}

export function checkSecretsSteps(
  target: Target,
  secrets: Readonly<Record<string, string>>,
): readonly Step[] {
  if (Object.keys(secrets).length === 0) return [];
  const input: CheckSecretsInput = { projectId: target.projectId, secrets };
  return [
    step(target, {
      id: 'secrets-check',
      kind: STEP.checkSecrets,
      phase: 'prepare',
      title: 'See that the secrets are there',
      input,
    }),
  ];
}

export function bypassSteps(
  target: Target,
  { project }: Pick<VercelObserved, 'project'>,
): readonly Step[] {
  if (project?.hasBypass === true) return [];
  const input: Pending<BypassInput> = { projectId: projectIdOf(target) };
  return [
    step(target, {
      id: 'bypass',
      kind: STEP.bypass,
      phase: 'prepare',
      title: 'Let signed calls through the protection of deployments',
      input,
    }),
  ];
}

export function keysSteps(
  target: Target,
  observed: Variables,
  parts: {
    readonly keyId: string;
    /** That of what was applied the last time; null when it is not known. */
    readonly appliedKeyId: string | null;
    /** The key may be another one than was applied the last time. */
    readonly isOther: boolean;
    readonly needsCronSecret: boolean;
  },
): readonly Step[] {
  const { keyId, appliedKeyId, isOther, needsCronSecret } = parts;
  const lacksCronSecret = needsCronSecret && !isInProduction(observed, VARIABLE.cronSecret);
  if (!isOther && !lacksKeys(observed) && !lacksCronSecret) return [];
  const input: Pending<KeysInput> = {
    projectId: projectIdOf(target),
    keyId,
    appliedKeyId,
    needsCronSecret,
  };
  return [
    step(target, {
      id: 'keys',
      kind: STEP.keys,
      phase: 'prepare',
      title: 'Have the keys of its calls ready',
      input,
    }),
  ];
}

/**
 * The plain variables of a version, as they were declared. Of a version that is kept they are not known: where the project
 * has them, and they are what was noted, they are given to deployments again.
 *
 * @throws ServerlessError CONFLICT when they are gone, and it is not known what they were.
 */
export function envSteps(
  target: Target,
  observed: Variables,
  parts: {
    readonly note: VersionWish;
    /** Null: those of a kept version. */
    readonly env: Readonly<Record<string, string>> | null;
    /** A deployment is about to be made. */
    readonly creates: boolean;
    readonly expected: string;
  },
): readonly Step[] {
  const { note, env, creates, expected } = parts;
  const key = envVariable(note.version);
  if (!note.config.hasEnv) return [];
  const isThere = hasVariable(observed, key);
  const isKnown = env !== null;
  // What a hand has made of it must not get into a deployment of this version.
  const mayDiffer = isKnown
    ? creates || hasOtherEnv(observed, note)
    : creates && note.env !== undefined;
  if (isThere && !mayDiffer && (!creates || hasVariable(observed, key, true))) return [];
  if (!isThere && !isKnown) {
    if (!creates) return [];
    throw refusal(
      target.ref,
      'CONFLICT',
      `Version "${note.version}" cannot be deployed again without its environment: the project "${target.physicalName}" has no variable ${key} any more. Deploy "${target.ref.name}" again.`,
    );
  }
  const input: Pending<EnvInput> = {
    projectId: projectIdOf(target),
    version: note.version,
    env,
    // What is written needs no comparing.
    ...(!isKnown && note.env && { digest: note.env.digest }),
    expected,
  };
  return [
    step(target, {
      id: 'env',
      kind: STEP.env,
      phase: 'prepare',
      title: titleOf(isThere, isKnown),
      input,
    }),
  ];
}

function titleOf(isThere: boolean, isKnown: boolean): string {
  if (!isThere) return 'Write the environment of the version';
  return isKnown
    ? 'See that the environment of the version is as declared'
    : 'Give deployments the environment of the version again';
}

export function linkSecretsSteps(
  target: Target,
  secrets: Readonly<Record<string, string>>,
): readonly Step[] {
  const variables = Object.keys(secrets).toSorted();
  if (variables.length === 0) return [];
  const input: Pending<LinkSecretsInput> = { projectId: projectIdOf(target), variables };
  return [
    step(target, {
      id: 'secrets',
      kind: STEP.secrets,
      phase: 'prepare',
      title: 'Link the secrets that the team shares',
      input,
    }),
  ];
}

export function filesSteps(
  target: Target,
  observed: Variables,
  { version, artifactDigest }: VersionWish,
): readonly Step[] {
  if (hasVariable(observed, filesVariable(version))) return [];
  const input: Pending<FilesInput> = { projectId: projectIdOf(target), version, artifactDigest };
  return [
    step(target, {
      id: 'files',
      kind: STEP.files,
      phase: 'publish',
      title: 'Note the files of the version',
      input,
    }),
  ];
}

/**
 * Refuses to deploy a version again of which it is not known what it consists of.
 *
 * @throws ServerlessError CONFLICT
 */
export function refuseUnknownFiles(
  ref: FunctionRef,
  observed: Variables,
  { version }: VersionWish,
): void {
  if (hasVariable(observed, filesVariable(version))) return;
  throw refusal(
    ref,
    'CONFLICT',
    `Events are a part of each deployment on Vercel, and version "${version}" cannot be deployed again without its code: the list of its files is not kept (there are too many of them, or its variable was deleted). Declare the events with the function, and deploy "${ref.name}".`,
  );
}
