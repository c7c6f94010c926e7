/** The settings that instances read while they run: the latest version of the settings secret. */
import { randomBytes } from 'node:crypto';
import { formatDirectKeys, parseDirectKeys } from 'polyfaas/http';
import { sameJson, type CallContext, type JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { listAt, objectAt, parsedJson, textAt, numberAt } from '../clients/json.ts';
import { classify } from '../errors.ts';
import type { RuntimeSettings } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { SettingsInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refusal, shortName } from './refusals.ts';
import { refuseOthers } from './secret.ts';

const KEY_BYTES = 32;
/** Of the payload of a version (Secret Manager, "Quotas and limits"). */
const MOST_BYTES = 65_536;
/** Instances that read just now may still have the one before. */
const KEPT_VERSIONS = 2;
/** Newest first; those before were destroyed long ago. */
const LISTED_VERSIONS = 25;

export const writeSettings: Executor = async (gcp, step, call) => {
  const input = inputOf<SettingsInput>(step);
  const { secret, expected } = input;
  const { settings: present, number } = await readSettings(gcp, secret, 'latest', call);
  const next = nextSettings(present, input);
  if (!sameJson(present, next)) {
    // Whoever claimed the record since goes on; this attempt would take its settings away.
    await refuseOthers(gcp, secret, expected, call);
    const added = await addVersion(gcp, secret, next, call);
    const isNext = number === undefined || added === number + 1;
    if (!isNext && added !== undefined) await giveBack(gcp, { secret, expected, added }, call);
  }
  await destroyOld(gcp, secret, call);
  return { done: true };
};

/** Pure but for the key, which is made when there is none of that name. */
export function nextSettings(
  present: JsonValue,
  { policies, async, caller, audience, isPublic, minInstances, keyId }: SettingsInput,
): RuntimeSettings {
  const rules = async ?? asyncIn(present);
  return {
    keys: keysWith(textAt(present, 'keys') ?? '', keyId),
    bindings: policies,
    ...(rules === undefined ? {} : { async: rules }),
    caller,
    audience: audience === '' ? (textAt(present, 'audience') ?? '') : audience,
    isPublic,
    minInstances: minInstances ?? numberAt(present, 'minInstances') ?? 0,
  };
}

// Only this adapter writes it.
function asyncIn(present: JsonValue): RuntimeSettings['async'] {
  if (textAt(present, 'async', 'topic', 'topic') === undefined) return undefined;
  const found: unknown = objectAt(present, 'async');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return found as RuntimeSettings['async'];
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
 * Somebody added a version between what was read and what this operation added. Whoever has lost has its version stand
 * again: nothing is compared as one is added.
 *
 * @throws ServerlessError CONFLICT when another operation has claimed the record since.
 */
async function giveBack(
  gcp: GcpClients,
  { secret, expected, added }: { secret: string; expected: string | null; added: number },
  call: CallContext,
): Promise<void> {
  try {
    await refuseOthers(gcp, secret, expected, call);
  } catch (error) {
    const { settings } = await readSettings(gcp, secret, added - 1, call);
    if (settings !== null) await addVersion(gcp, secret, settings, call);
    throw error;
  }
}

interface ReadSettings {
  /** Null when there is no version, or none that can be read. */
  readonly settings: JsonValue;
  /** Of the version: those of a secret are counted. */
  readonly number: number | undefined;
}

async function readSettings(
  gcp: GcpClients,
  secret: string,
  version: number | 'latest',
  { signal }: CallContext,
): Promise<ReadSettings> {
  const path = `/v1/${secret}/versions/${version}:access`;
  try {
    const reply = await gcp.rest({ api: 'secretmanager', method: 'GET', path, signal });
    const data = textAt(reply, 'payload', 'data') ?? '';
    const settings = parsedJson(Buffer.from(data, 'base64').toString('utf8')) ?? null;
    return { settings, number: numberIn(textAt(reply, 'name')) };
  } catch (error) {
    if (isAbsent(error)) return { settings: null, number: undefined };
    throw error;
  }
}

/** Of `projects/p/secrets/s/versions/5`. */
function numberIn(name: string | undefined): number | undefined {
  const number = Number(/\/versions\/(\d+)$/.exec(name ?? '')?.[1]);
  return number > 0 ? number : undefined;
}

/** One that somebody disabled or destroyed is as good as none. */
function isAbsent(error: unknown): boolean {
  const { code, retryable } = classify(error);
  return code === 'NOT_FOUND' || (code === 'CONFLICT' && !retryable);
}

async function addVersion(
  gcp: GcpClients,
  secret: string,
  settings: RuntimeSettings | JsonValue,
  { signal }: CallContext,
): Promise<number | undefined> {
  const bytes = Buffer.from(JSON.stringify(settings));
  if (bytes.byteLength > MOST_BYTES) {
    throw refusal(
      'QUOTA_EXCEEDED',
      `The settings of "${shortName(secret)}" have ${bytes.byteLength} bytes, and a secret holds ${MOST_BYTES}. Move some of its events to another function.`,
    );
  }
  const added = await gcp.rest({
    api: 'secretmanager',
    method: 'POST',
    path: `/v1/${secret}:addVersion`,
    body: { payload: { data: bytes.toString('base64') } },
    signal,
  });
  return numberIn(textAt(added, 'name'));
}

/** Each version that is kept is paid for, and holds keys. */
async function destroyOld(gcp: GcpClients, secret: string, { signal }: CallContext): Promise<void> {
  const reply = await gcp.rest({
    api: 'secretmanager',
    method: 'GET',
    path: `/v1/${secret}/versions`,
    query: { pageSize: LISTED_VERSIONS },
    signal,
  });
  const versions = listAt(reply, 'versions').flatMap((one) => {
    const number = numberIn(textAt(one, 'name'));
    return number === undefined ? [] : [{ number, state: textAt(one, 'state') }];
  });
  const old = versions.toSorted((a, b) => b.number - a.number).slice(KEPT_VERSIONS);
  for (const { number, state } of old) {
    if (state === 'DESTROYED') continue;
    const path = `/v1/${secret}/versions/${number}:destroy`;
    try {
      await gcp.rest({ api: 'secretmanager', method: 'POST', path, body: {}, signal });
    } catch (error) {
      // Somebody else destroyed it meanwhile.
      if (!isAbsent(error)) throw error;
    }
  }
}
