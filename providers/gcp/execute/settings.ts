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
  const present = await latestSettings(gcp, secret, call);
  const next = nextSettings(present, input);
  if (!sameJson(present, next)) {
    // Whoever claimed the record since goes on; this attempt would take its settings away.
    await refuseOthers(gcp, secret, expected, call);
    await addVersion(gcp, secret, next, call);
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

/** Null when there is no version, or none that can be read. */
async function latestSettings(
  gcp: GcpClients,
  secret: string,
  { signal }: CallContext,
): Promise<JsonValue> {
  const path = `/v1/${secret}/versions/latest:access`;
  try {
    const reply = await gcp.rest({ api: 'secretmanager', method: 'GET', path, signal });
    const data = textAt(reply, 'payload', 'data') ?? '';
    return parsedJson(Buffer.from(data, 'base64').toString('utf8')) ?? null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** One that somebody disabled or destroyed is as good as none. */
function isAbsent(error: unknown): boolean {
  const { code, retryable } = classify(error);
  return code === 'NOT_FOUND' || (code === 'CONFLICT' && !retryable);
}

async function addVersion(
  gcp: GcpClients,
  secret: string,
  settings: RuntimeSettings,
  { signal }: CallContext,
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(settings));
  if (bytes.byteLength > MOST_BYTES) {
    throw refusal(
      'QUOTA_EXCEEDED',
      `The settings of "${shortName(secret)}" have ${bytes.byteLength} bytes, and a secret holds ${MOST_BYTES}. Move some of its events to another function.`,
    );
  }
  await gcp.rest({
    api: 'secretmanager',
    method: 'POST',
    path: `/v1/${secret}:addVersion`,
    body: { payload: { data: bytes.toString('base64') } },
    signal,
  });
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
    const number = Number(/\/versions\/(\d+)$/.exec(textAt(one, 'name') ?? '')?.[1]);
    return number > 0 ? [{ number, state: textAt(one, 'state') }] : [];
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
