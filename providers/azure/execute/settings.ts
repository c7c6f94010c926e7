/** The app settings: listed, merged, and written only when that makes a difference. What is not ours stays. */
import { randomBytes } from 'node:crypto';
import { formatDirectKeys, parseDirectKeys } from 'polyfaas/http';
import { sameJson, type CallContext, type StepResult } from 'polyfaas/spi';
import { readSettings } from '../arm/calls.ts';
import type { AzureClients } from '../clients/index.ts';
import {
  ASYNC_QUEUE,
  packageSetting,
  SETTING,
  type AsyncRules,
  type SendTarget,
} from '../manifest.ts';
import type { Executor } from '../model.ts';
import { API } from '../names.ts';
import { containerOf, listNotes } from '../package/storage.ts';
import { ALL_VERSIONS } from '../plan/bindings.ts';
import type { PackageSettings, SettingsInput } from '../plan/switch.ts';
import { HOST, isBindingSetting, packageOfSetting, versionOfSetting } from '../setting-names.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { again, keptOf, numberIn } from '../arm/turn.ts';
import { refuseOthers } from './mark.ts';
import { conflict } from './refusals.ts';

type Settings = Readonly<Record<string, string>>;

/** {@link SettingsInput}, as the engine resolved it. */
interface Resolved extends Omit<SettingsInput, 'set' | 'async'> {
  readonly set: Settings;
  readonly async: (Omit<AsyncRules, 'queue'> & { readonly onSuccess: SendTarget | null }) | null;
}

const KEY_BYTES = 32;
/** Azure restarts the function app with them, a moment later. */
const RESTART_MS = 5000;

/** So often another write may take ours away. */
const MOST_WRITES = 4;

/**
 * Azure has no condition for a write of the app settings: of two that begin with the same reading, the later one takes
 * the earlier one's away. So they are read again. Who still holds the mark writes once more; the other one hears CONFLICT.
 */
export const appSettings: Executor = async (azure, step, call) => {
  const { target, ...input } = inputOf<Resolved>(step);
  const kept = keptOf(call);
  if (kept['isWritten'] === true) return { done: true };
  const present = await readSettings(azure, target.siteId, call.signal);
  const isWritten = !sameJson(present, mergedSettings(present, input, NO_VERSIONS));
  const doomed = await doomedVersions(azure, target, present, { ...input, isWritten }, call);
  const next = mergedSettings(present, input, doomed);
  const before = numberIn(kept, 'writes');
  if (sameJson(present, next)) return before === 0 ? { done: true } : written(input);
  // Whoever changed the record since goes on; this attempt would take its settings away.
  await refuseOthers(azure, target, input.expected, call);
  if (before === MOST_WRITES) {
    throw conflict(target, 'its app settings were written over each time that they were set');
  }
  await writeSettings(azure, target.siteId, next, call.signal);
  const found = await readSettings(azure, target.siteId, call.signal);
  if (!sameJson(found, mergedSettings(found, input, NO_VERSIONS))) {
    const keep = { writes: before + 1 };
    return again(call, { stage: 'setting them once more', keep });
  }
  return written(input);
};

/** Where a package is published afterwards, that is waited for. */
function written({ bindings }: Pick<Resolved, 'bindings'>): StepResult {
  if (bindings !== 'exact') return { done: true };
  const resume = { isWritten: true };
  return { done: false, pollAfterMs: RESTART_MS, resume, stage: 'restarting with them' };
}

const NO_VERSIONS: ReadonlySet<string> = new Set();

export async function writeSettings(
  azure: AzureClients,
  siteId: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  await azure.arm({
    method: 'PUT',
    path: `${siteId}/config/appsettings`,
    apiVersion: API.web,
    body: { properties: settings },
    signal,
  });
}

/** Makes the key of that name unless it is there; nothing else of the settings changes. */
export async function ensureInvokeKey(
  azure: AzureClients,
  siteId: string,
  keyId: string,
  signal: AbortSignal,
): Promise<void> {
  const present = await readSettings(azure, siteId, signal);
  const keys = keysWith(present[SETTING.invokeKeys] ?? '', keyId);
  if (keys === present[SETTING.invokeKeys]) return;
  await writeSettings(azure, siteId, { ...present, [SETTING.invokeKeys]: keys }, signal);
}

/** Pure but for the key, which is made when there is none of that name. */
export function mergedSettings(
  present: Settings,
  input: Omit<Resolved, 'versions' | 'keepVersions' | 'expected'>,
  doomed: ReadonlySet<string>,
): Settings {
  const { set, unset, bindings, package: own, async, keyId } = input;
  // A connection string of before would win over the identity.
  const usesIdentity = set[`${HOST.storage}__blobServiceUri`] !== undefined;
  const named = new Map(Object.keys(set).map((name) => [name.toLowerCase(), name]));
  const goes = (name: string): boolean => {
    // To Azure it is the same setting.
    if ((named.get(name.toLowerCase()) ?? name) !== name) return true;
    if (unset.includes(name) || (usesIdentity && name === HOST.storage)) return true;
    const version = versionOfSetting(name);
    if (version !== undefined) return doomed.has(version);
    if (set[name] !== undefined) return false;
    const owner = packageOfSetting(name);
    if (owner !== undefined) return own !== null && isUnread(name, owner, own);
    // The package that is served until the new one is needs what its triggers refer to.
    return bindings === 'exact' && isBindingSetting(name);
  };
  const next: Record<string, string> = Object.fromEntries(
    Object.entries(present).filter(([name]) => !goes(name)),
  );
  Object.assign(next, set);
  for (const name of own?.carry == null ? [] : CARRIED) {
    const [from, to] = [
      packageSetting(own?.carry ?? '', name),
      packageSetting(own?.key ?? '', name),
    ];
    const value = present[from];
    if (value !== undefined && !unset.includes(to)) next[to] ??= value;
  }
  if (async !== null && own !== null) {
    const endpoint = next[`${HOST.storage}__queueServiceUri`] ?? '';
    const url = `${endpoint.replace(/\/+$/, '')}/${ASYNC_QUEUE}`;
    const rules: AsyncRules = { ...async, queue: { service: 'storageQueue', url } };
    next[packageSetting(own.key, SETTING.async)] = JSON.stringify(rules);
  }
  if (keyId !== null) next[SETTING.invokeKeys] = keysWith(next[SETTING.invokeKeys] ?? '', keyId);
  return next;
}

/** What a package has besides the settings of its bindings: it stays unless something else is said. */
const CARRIED: readonly string[] = [SETTING.async, SETTING.alwaysReady];

/** True for a setting that no package which may be served reads, nor the one that is about to be. */
function isUnread(name: string, owner: string, { key, kept }: PackageSettings): boolean {
  if (owner !== key) return kept !== null && !kept.includes(owner);
  return !CARRIED.some((one) => packageSetting(key, one) === name);
}

/** The key of that name in front; the one before it stays valid, and older ones go. */
function keysWith(text: string, keyId: string): string {
  const keys = parseDirectKeys(text);
  const own = keys.find(({ id }) => id === keyId) ?? {
    id: keyId,
    secret: randomBytes(KEY_BYTES).toString('base64url'),
  };
  const [before] = keys.filter(({ id }) => id !== keyId);
  return formatDirectKeys(before ? [own, before] : [own]);
}

/**
 * Versions whose variables nothing needs any more. They are not taken away when a version is deleted, for each write of
 * the settings restarts the function app.
 */
async function doomedVersions(
  azure: AzureClients,
  target: KnownTarget,
  present: Settings,
  {
    versions,
    keepVersions,
    expected,
    isWritten,
  }: Pick<Resolved, 'versions' | 'keepVersions' | 'expected'> & {
    /** They are written anyway, so that one restart more is none. */
    readonly isWritten: boolean;
  },
  { signal }: CallContext,
): Promise<ReadonlySet<string>> {
  const found = new Set(Object.keys(present).flatMap((name) => versionOfSetting(name) ?? []));
  const others = [...found].filter((version) => !versions.includes(version));
  if (others.length === 0 || keepVersions >= ALL_VERSIONS) return NO_VERSIONS;
  // Without a mark, what no note speaks of may be what another deploy has just set.
  const looks = isWritten && expected !== null;
  if (!looks && others.length + versions.length <= keepVersions + 1) return NO_VERSIONS;
  const notes = await listNotes(await containerOf(azure, target, signal), signal);
  const kept = new Set(notes.map(({ version }) => version));
  return new Set(others.filter((version) => !kept.has(version)));
}
