/** From a declaration to what is published. */
import {
  digestOf,
  type DeployRequest,
  envMarks,
  functionIdOf,
  type JsonObject,
} from 'polyfaas/spi';
import { versionSettings, secretsOf } from '../environment.ts';
import { packageDigest, versionName } from '../fingerprint.ts';
import { hostJsonOf } from '../host-json.ts';
import { ASYNC_QUEUE, DIRECT_ROUTE, OWN_FUNCTIONS } from '../manifest.ts';
import type { BindingPlan } from '../events/types.ts';
import type { PackageManifest, TriggerSpec } from '../manifest.ts';
import type { PlanKind } from '../model.ts';
import type { FunctionSettings } from '../options.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import { HOST } from '../setting-names.ts';

const KEY_LENGTH = 10;

/** A version, wished for. */
export interface VersionWish {
  readonly settings: FunctionSettings;
  readonly digest: string;
  /** Without its time, which only publishing tells. */
  readonly note: VersionNote;
  /** Its variables, as app settings. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: ReturnType<typeof secretsOf>;
}

export function versionWish(
  { ref, spec, artifact, versionDigest }: DeployRequest,
  settings: FunctionSettings,
): VersionWish {
  const secrets = secretsOf(spec.env);
  const digest = digestOf({
    version: versionDigest,
    // Another vault is another value.
    ...(secrets.length === 0 ? {} : { keyVault: settings.keyVault }),
  });
  const version = versionName(digest);
  const env = Object.keys(spec.env).toSorted();
  const marks = envMarks(spec.env, functionIdOf(ref));
  return {
    settings,
    digest,
    secrets,
    env: versionSettings(version, spec.env, settings.keyVault),
    note: {
      version,
      digest,
      artifactDigest: artifact.digest,
      handles: artifact.handles,
      hasShim: true,
      memoryMb: spec.memoryMb,
      timeoutSeconds: spec.timeoutSeconds,
      env,
      marks: env.map((name) => marks[name] ?? ''),
      createdAt: null,
    },
  };
}

/** What is published: a version, with the functions of its bindings. */
export interface PackageWish {
  readonly digest: string;
  readonly artifactDigest: string;
  readonly manifest: PackageManifest;
  readonly hostJson: JsonObject;
}

export function packageWish(
  ref: { readonly app: string; readonly stage: string; readonly name: string },
  note: VersionNote,
  parts: {
    readonly region: string;
    readonly plan: PlanKind;
    /** What the names of its settings carry. */
    readonly settings: string;
    readonly bound: Pick<BindingPlan, 'triggers' | 'host'>;
  },
): PackageWish {
  const { artifactDigest, version, memoryMb, timeoutSeconds, handles, env } = note;
  const manifest: PackageManifest = {
    app: ref.app,
    stage: ref.stage,
    functionName: ref.name,
    version,
    memoryMb,
    timeoutSeconds,
    region: parts.region,
    settings: parts.settings,
    handles,
    env,
    triggers: [...ownTriggers(note), ...parts.bound.triggers],
  };
  const hostJson = hostJsonOf(parts.plan, timeoutSeconds, parts.bound.host);
  const digest = packageDigest(artifactDigest, manifest, hostJson);
  return { digest, artifactDigest, manifest, hostJson };
}

/**
 * The package of a wish, under the key of settings that it finds them by. As long as what they say stays, so does the
 * key, and nothing has to be written; a package that is published with other settings gets another key, so that the one
 * before never meets them, not even when a switch fails or is broken off.
 *
 * @param parts.content what the settings say. `isAsBefore`: so it is applied already.
 */
export function packageFor(
  record: FunctionRecord,
  parts: { readonly content: object; readonly isAsBefore: boolean },
  wish: (settingsKey: string) => PackageWish,
): PackageWish {
  const { settingsKey } = record;
  const before = record.packageDigest ?? record.lastPackage;
  const present = settingsKey === '' ? null : wish(settingsKey);
  // One that is published already reads its settings where it did: one write changes them all at once.
  if (present && (parts.isAsBefore || present.digest === before)) return present;
  return wish(digestOf({ settings: parts.content, before }).slice(0, KEY_LENGTH));
}

/** The functions that a package has besides those of its bindings. */
export function ownTriggers({ handles }: Pick<VersionNote, 'handles'>): readonly TriggerSpec[] {
  const direct: TriggerSpec = {
    name: OWN_FUNCTIONS.direct,
    method: 'http',
    bindingId: null,
    options: { route: DIRECT_ROUTE, methods: ['POST'], authLevel: 'function' },
  };
  const async: TriggerSpec = {
    name: OWN_FUNCTIONS.async,
    method: 'storageQueue',
    bindingId: null,
    options: { queueName: ASYNC_QUEUE, connection: HOST.storage },
  };
  const canBeInvoked = handles.length === 0 || handles.includes('invoke');
  return canBeInvoked ? [direct, async] : [direct];
}

/** How a function app grows. JSON. */
export interface ScaleWish {
  readonly memoryMb: number;
  readonly maxInstances: number;
  readonly alwaysReady: Readonly<Record<string, number>>;
  readonly concurrency: number;
  readonly runtimeVersion: string;
}

/** Flex Consumption's own default. */
export const DEFAULT_MAX_INSTANCES = 100;
