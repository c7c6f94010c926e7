/** Waits until a version answers, and hears what the host says when it does not. */
import { ServerlessError, type CallContext, type JsonObject, type JsonValue } from 'polyfaas/spi';
import { AzureError } from '../arm/error.ts';
import { listAt, numberAt, textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { classify, errorMessage, isMissing, mayPass } from '../errors.ts';
import type { Look, SiteAddress } from '../invoke/known-functions.ts';
import type { KnownTarget } from '../step-input.ts';
import { again, keptOf } from '../arm/turn.ts';
import type { LookAt } from './publish/types.ts';
import { refusal } from './refusals.ts';

/** A host that has not come up by then does not. */
const START_MS = 300_000;
/** So long a host may say that it cannot start, before it is believed: what it stands on may be new. */
const ERROR_MS = 45_000;
const FIRST_LOOK_MS = 1000;
const LONGEST_LOOK_MS = 10_000;
/** What passes by itself: a role that has not reached the storage yet. */
const PASSING =
  /\b403\b|not authorized|Authorization(?:PermissionMismatch|Failure)|ManagedIdentity/i;

type Served =
  | { readonly done: true }
  | { readonly done: false; readonly pollAfterMs: number; readonly resume: JsonObject };

/**
 * One look. It is asked again until the version answers.
 *
 * @throws ServerlessError FUNCTION_FAILED when the code cannot be loaded, when the host says that it cannot start, or when
 * nothing answers in time.
 */
export async function lookUntilServed(
  azure: AzureClients,
  parts: {
    readonly target: KnownTarget;
    readonly address: SiteAddress;
    readonly version: string;
    readonly lookAt: LookAt;
  },
  call: CallContext,
): Promise<Served> {
  const { target, address, version, lookAt } = parts;
  const now = call.clock.now();
  const kept = keptOf(call);
  const since = numberAt(kept, 'since') ?? now;
  const look = await unlessStarting(lookAt(address, version, call), call);
  if (look.isServing) return { done: true };
  const { isBroken, words } = await hostSays(azure, address, look, call);
  // Looking at it has also woken it.
  const before = numberAt(kept, 'brokenSince') ?? null;
  const brokenSince = isBroken === null ? before : isBroken ? (before ?? now) : null;
  if (isBroken === true && now - (before ?? now) >= ERROR_MS) throw doesNotStart(target, words);
  if (now - since >= START_MS) {
    throw refusal(
      target,
      'FUNCTION_FAILED',
      `"${target.ref.name}" did not answer within ${START_MS / 1000} s after version ${version} was published. ${words}`,
      { details: { phase: 'init' } },
    );
  }
  return again(call, {
    stage: 'starting',
    keep: { since, ...(brokenSince === null ? {} : { brokenSince }) },
    firstMs: FIRST_LOOK_MS,
    longestMs: LONGEST_LOOK_MS,
  });
}

interface Seen extends Look {
  /** Why there is no key to ask the host with. */
  readonly problem: string;
}

/** While a host starts, it has no keys. What does not pass, as that a function app is stopped, is told at once. */
async function unlessStarting(answer: Promise<Look>, { signal }: CallContext): Promise<Seen> {
  try {
    return { ...(await answer), problem: '' };
  } catch (error) {
    if (signal.aborted) throw error;
    const isNew = ServerlessError.isInstance(error)
      ? error.code === 'UNAVAILABLE' && error.retryable
      : isMissing(error);
    if (isNew) return { ...STARTING, problem: NO_KEYS };
    if (!mayPass(error)) throw error;
    const why = classify(error).message ?? errorMessage(error);
    return { ...STARTING, problem: `Its keys cannot be read: ${why}` };
  }
}

const STARTING: Look = { isServing: false, masterKey: null };
/** Before its first run a host has no keys, and on some plans it first runs when somebody asks for it. */
const NO_KEYS = 'Its host has made no keys, so it never ran.';

interface Words {
  /** It says that it cannot start, for a reason that does not pass by itself. Null: it says nothing. */
  readonly isBroken: boolean | null;
  readonly words: string;
}

/** What the host itself says of its state. */
async function hostSays(
  azure: AzureClients,
  { hostName }: SiteAddress,
  { masterKey, problem }: Seen,
  { signal }: CallContext,
): Promise<Words> {
  if (masterKey === null) {
    await wake(azure, hostName, signal);
    return problem === NO_KEYS || problem === ''
      ? { isBroken: false, words: NO_KEYS }
      : { isBroken: null, words: problem };
  }
  try {
    const { status, text } = await azure.http({
      method: 'GET',
      url: `${azure.scheme}//${hostName}/admin/host/status`,
      headers: { 'x-functions-key': masterKey },
      signal,
    });
    if (status !== 200) return { isBroken: false, words: `Its host answers with ${status}.` };
    const said: JsonValue = JSON.parse(text);
    const state = textAt(said, 'state') ?? 'unknown';
    const errors = listAt(said, 'errors')
      .filter((one) => typeof one === 'string')
      .join(' ');
    return {
      isBroken: state === 'Error' && errors !== '' && !PASSING.test(errors),
      words: `Its host is "${state}"${errors === '' ? '.' : `: ${errors}`}`,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return { isBroken: null, words: 'Its host tells nothing of its state.' };
  }
}

async function wake(azure: AzureClients, hostName: string, signal: AbortSignal): Promise<void> {
  try {
    const url = `${azure.scheme}//${hostName}/admin/host/ping`;
    await azure.http({ method: 'GET', url, signal });
  } catch (error) {
    if (signal.aborted) throw error;
  }
}

/** Of what the host says, only some is the code's fault. */
function doesNotStart(target: KnownTarget, words: string): ServerlessError {
  const { code, message } = classify(new AzureError(500, '', words));
  return refusal(
    target,
    code === 'UNAVAILABLE' || code === 'UNKNOWN' ? 'FUNCTION_FAILED' : code,
    `The host of "${target.ref.name}" does not start. ${message ?? words}`,
    { details: { phase: 'init' } },
  );
}
