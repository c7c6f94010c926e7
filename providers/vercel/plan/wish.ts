/** From a declaration, or from what is kept, to what a deployment is made of. */
import {
  type Binding,
  type DeployRequest,
  envMarks,
  type FromRef,
  functionIdOf,
  type FunctionRef,
  type NormalFunctionSpec,
} from 'polyfaas/spi';
import { refuseConflicts } from '../events/conflicts.ts';
import { asyncRules, bindingPolicies, cronsOf } from '../events/policies.ts';
import {
  digestOfDeployment,
  digestOfEnv,
  digestOfVersion,
  envText,
  versionName,
} from '../fingerprint.ts';
import { envVariable } from '../manifest.ts';
import type { VercelObserved } from '../model.ts';
import { secretVariable } from '../names.ts';
import { DEFAULT_KEY_ID, type FunctionSettings, type PlatformSettings } from '../options.ts';
import type { VersionConfig, VersionNote } from '../record.ts';
import type { DeploymentInput } from '../steps.ts';
import { appliedSettings, type AppliedSettings } from './applied.ts';

/** A version, without what only deploying it tells. */
export type VersionWish = Pick<
  VersionNote,
  'version' | 'digest' | 'artifactDigest' | 'config' | 'env'
>;

export function versionWish(
  { ref, spec, artifact, versionDigest }: DeployRequest,
  settings: FunctionSettings,
): VersionWish {
  const env = plainVariables(spec.env);
  const hasEnv = Object.keys(env).length > 0;
  const config: VersionConfig = {
    handles: artifact.handles,
    memoryMb: spec.memoryMb,
    timeoutSeconds: spec.timeoutSeconds,
    concurrency: spec.concurrency,
    runtime: settings.runtime,
    regions: settings.regions,
    hasEnv,
    secrets: secretVariables(spec.env),
  };
  const digest = digestOfVersion({ versionDigest, config });
  const version = versionName(digest);
  return {
    version,
    digest,
    artifactDigest: artifact.digest,
    config,
    ...(hasEnv && {
      env: {
        digest: digestOfEnv(envVariable(version), envText(env)),
        renewal: 0,
        marks: envMarks(env, functionIdOf(ref)),
      },
    }),
  };
}

/** What a deploy wishes of what belongs to no version. */
export function settingsWish(
  { async, tags }: Pick<NormalFunctionSpec, 'async' | 'tags'>,
  settings: FunctionSettings,
  { queues }: Pick<PlatformSettings, 'queues'>,
): AppliedSettings {
  return appliedSettings({
    async: queues ? asyncRules(async) : null,
    keyId: settings.invokeKeyId,
    keys: 0,
    tags,
    domain: settings.domain,
  });
}

/** What is applied where nothing is known of it. */
export function defaultSettings({ defaults }: Pick<PlatformSettings, 'defaults'>): AppliedSettings {
  return appliedSettings({
    async: null,
    keyId: defaults.invokeKeyId ?? DEFAULT_KEY_ID,
    keys: 0,
    tags: {},
    domain: defaults.domain ?? null,
  });
}

/** What a deployment is made of, but for where its code is. */
export type DeploymentWish = Pick<
  DeploymentInput,
  'policies' | 'async' | 'crons' | 'region' | 'digest' | 'tags' | 'queueEndpoint'
>;

export function deploymentWish(
  ref: FunctionRef,
  platform: Pick<PlatformSettings, 'region' | 'queueEndpoint'>,
  parts: {
    readonly note: VersionWish;
    readonly bindings: readonly Binding[];
    readonly applied: AppliedSettings;
  },
): DeploymentWish {
  const { note, bindings, applied } = parts;
  const { handles, regions } = note.config;
  const { keyId, keys, tags } = applied;
  const { queueEndpoint } = platform;
  refuseConflicts(ref.name, bindings);
  const policies = bindingPolicies(bindings);
  const crons = cronsOf(ref.name, bindings);
  const canInvoke = handles.length === 0 || handles.includes('invoke');
  const async = canInvoke ? applied.async : null;
  const digest = digestOfDeployment({
    version: note.digest,
    envRenewal: note.env?.renewal ?? 0,
    policies,
    async,
    crons,
    keyId,
    keys,
    tags,
    queueEndpoint,
  });
  const region = regions[0] ?? platform.region;
  return { policies, async, crons, region, digest, tags, queueEndpoint };
}

/** Where http routes are, when some are bound: at the domain that was declared, once it leads to the project. */
export function urlOf(
  bindings: readonly Binding[],
  { domain }: Pick<AppliedSettings, 'domain'>,
  { project }: Pick<VercelObserved, 'project'>,
  origin: string | FromRef | null,
): string | FromRef | null {
  if (!bindings.some(({ event }) => event.type === 'http' && event.enabled)) return null;
  const leadsThere = domain !== null && project !== null && project.aliases.includes(domain);
  return leadsThere ? `https://${domain}` : origin;
}

type DeclaredEnv = NormalFunctionSpec['env'];

export function plainVariables(env: DeclaredEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** By the user's names, the variable of the project that holds each. Sorted. */
export function secretVariables(env: DeclaredEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    declaredSecrets(env).map(([name, secret]) => [name, secretVariable(secret)]),
  );
}

/** As declared, by the variable that holds each: for messages. */
export function secretNames(env: DeclaredEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    declaredSecrets(env).map(([, secret]) => [secretVariable(secret), secret]),
  );
}

function declaredSecrets(env: DeclaredEnv): readonly (readonly [string, string])[] {
  return Object.entries(env)
    .flatMap(([name, value]) => (typeof value === 'string' ? [] : [[name, value.$secret] as const]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
