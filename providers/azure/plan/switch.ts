/** The steps that bring a package, its settings and its scale into service. */
import { sameJson, type Binding, type JsonObject, type Step } from 'polyfaas/spi';
import type { SettingValue } from '../events/types.ts';
import type { SecretUse } from '../environment.ts';
import type { PlanKind, Target } from '../model.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import type { AsyncDraft } from './async.ts';
import { step } from './parts.ts';
import type { PackageWish, ScaleWish } from './wish.ts';

const UPLOAD_SECONDS = 900;
/** One upload; a silent connection is given up after so long. */
const UPLOAD_ATTEMPT_SECONDS = 240;
const START_SECONDS = 1200;
/** One look takes a call that starts the host. */
const LOOK_SECONDS = 120;
/** Until roles have reached the vault. */
const SECRETS_SECONDS = 300;

export function uploadStep(target: Target, wish: PackageWish): Step {
  return step(target, {
    id: 'upload',
    kind: 'upload-package',
    phase: 'publish',
    title: 'Upload the package',
    input: { package: wish },
    deadlineSeconds: UPLOAD_SECONDS,
    attemptSeconds: UPLOAD_ATTEMPT_SECONDS,
  });
}

/** What one write of the app settings comes to. JSON. */
export interface SettingsInput {
  /** Names and values. */
  readonly set: Readonly<Record<string, SettingValue>>;
  readonly unset: readonly string[];
  /**
   * Settings of bindings that are not in `set` and that packages share: gone, kept because the package before needs
   * them, or not looked at.
   */
  readonly bindings: 'exact' | 'widen' | 'leave';
  /** Settings of packages that are not in `set`. Null: not looked at. */
  readonly package: PackageSettings | null;
  /** Null: not looked at. */
  readonly async: AsyncDraft | null;
  /** Null: not looked at. */
  readonly keyId: string | null;
  /** The versions whose variables are needed in any case. */
  readonly versions: readonly string[];
  readonly keepVersions: number;
  /** See `recordStep`. */
  readonly expected: string | null;
}

/** Whose settings stay. JSON. */
export interface PackageSettings {
  /** The package that the settings are for. */
  readonly key: string;
  /** The packages that may be served meanwhile; null for whichever are there. */
  readonly kept: readonly string[] | null;
  /** The package whose rules are taken along, as far as nothing else is said; null: all is said. */
  readonly carry: string | null;
}

/** Of a package that takes the place of another one, or, when it is published already, of its own. */
export function packageSettings(
  record: Pick<FunctionRecord, 'live' | 'packageDigest' | 'settingsKey'>,
  key: string,
  parts: { readonly republishes: boolean; readonly carries: boolean },
): PackageSettings {
  const { live, packageDigest, settingsKey } = record;
  // When a switch was broken off, what is served may be a package that nothing speaks of.
  const isUnknown = live !== null && packageDigest === null;
  const before = settingsKey === '' ? [] : [settingsKey];
  return {
    key,
    kept: isUnknown ? null : parts.republishes ? before : [],
    carry: parts.carries ? (before[0] ?? null) : null,
  };
}

export function settingsStep(
  target: Target,
  input: SettingsInput,
  parts: Pick<Step, 'id' | 'phase' | 'title'>,
): Step {
  return step(target, { ...parts, kind: 'app-settings', input: { ...input } });
}

export function secretsStep(
  target: Target,
  version: string,
  secrets: readonly SecretUse[],
  keyVault: string | null,
): Step {
  return step(target, {
    id: 'check-secrets',
    phase: 'verify',
    title: 'See that its secrets can be read',
    input: { version, secrets, keyVault },
    deadlineSeconds: SECRETS_SECONDS,
  });
}

/** Of a version that is kept: what it was deployed with may be gone by now. */
export function environmentStep(
  target: Target,
  { version, env }: Pick<VersionNote, 'version' | 'env'>,
): readonly Step[] {
  if (env.length === 0) return [];
  return [
    step(target, {
      id: 'check-environment',
      phase: 'verify',
      title: 'See that it still has its variables',
      input: { version, variables: env },
      deadlineSeconds: SECRETS_SECONDS,
    }),
  ];
}

export function scaleStep(target: Target, plan: PlanKind, input: object): Step {
  return step(target, {
    id: 'configure',
    kind: 'configure-site',
    phase: 'switch',
    title: 'Change the instances',
    input: { plan, ...input },
  });
}

export function activateStep(
  target: Target,
  parts: {
    readonly plan: PlanKind;
    /** Where the function app answers, as the step that makes it tells where it is new. */
    readonly hostName: SettingValue;
    readonly package: PackageWish;
    /** The record while this goes on. */
    readonly marked: FunctionRecord;
    /** What is published again when the new package does not start; null when there is nothing. */
    readonly previous: string | null;
    /** How the site grew before; null when that did not change. */
    readonly previousScale: ScaleWish | null;
    /** The bindings before. */
    readonly previousBindings: readonly Binding[];
    readonly next: string;
  },
): Step {
  const { plan, hostName, marked, previous, previousScale, previousBindings, next } = parts;
  const { digest, manifest } = parts.package;
  return step(target, {
    id: 'activate',
    phase: 'switch',
    title: 'Publish the package and start it',
    input: {
      plan,
      hostName,
      packageDigest: digest,
      version: manifest.version,
      previous: previous === digest ? null : previous,
      previousScale,
      // The record is long enough: only what differs is said again.
      previousBindings: sameJson([...previousBindings], [...marked.bindings])
        ? null
        : previousBindings,
      marked,
      expected: next,
    },
    deadlineSeconds: START_SECONDS,
    attemptSeconds: LOOK_SECONDS,
  });
}

/** Belongs before the record that says all is done: when it fails, the mark stays, and the next deploy does it. */
export function versionNoteStep(target: Target, note: JsonObject): Step {
  return step(target, {
    id: 'note-version',
    phase: 'retire',
    title: 'Keep the note of the version',
    input: { note },
  });
}

/** Deletes what no kept version needs. */
export function retireStep(
  target: Target,
  input: {
    readonly liveVersion: string;
    /** The one that was live before: it stays longest. */
    readonly previous: string | null;
    readonly keepVersions: number;
    readonly packages: readonly string[];
  },
): Step {
  return step(target, {
    id: 'retire',
    kind: 'retire-versions',
    phase: 'retire',
    title: 'Delete old versions',
    input,
  });
}
