/** Access tokens of the function's own service account, from the metadata server that every instance has. */
import { getJson, MACHINE_CLOCK } from 'polyfaas/http';

interface Kept {
  readonly token: Promise<string>;
  /** Undefined while it is on its way. */
  value?: string;
  untilMs: number;
}

let kept: Kept | undefined;
/** A token that ends sooner is got anew. */
const SPARE_MS = 120_000;
/** The server is on the machine itself. */
const TIMEOUT_MS = 10_000;
/** Where it is, unless the variable that Google's own libraries read says otherwise. */
const HOST = 'metadata.google.internal';

/** A token, kept until shortly before it ends. Those who ask at once share one request. */
export function accessToken(): Promise<string> {
  if (kept && kept.untilMs > Date.now()) return kept.token;
  const asked = ask();
  const made: Kept = { token: asked.then(({ token }) => token), untilMs: Infinity };
  kept = made;
  asked.then(
    ({ token, untilMs }) => {
      made.value = token;
      made.untilMs = untilMs;
    },
    () => {
      if (kept === made) kept = undefined;
    },
  );
  return made.token;
}

/** A service did not take its token: it ended earlier than it said. */
export function forgetToken(token: string): void {
  if (kept?.value === token) kept = undefined;
}

async function ask(): Promise<{ readonly token: string; readonly untilMs: number }> {
  const host = process.env['GCE_METADATA_HOST'] ?? HOST;
  const { status, value: reply } = await getJson(
    new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`),
    { headers: { 'metadata-flavor': 'Google' }, timeoutMs: TIMEOUT_MS, clock: MACHINE_CLOCK },
  );
  if (!isToken(reply)) throw new Error(`The metadata server gave no token: status ${status}`);
  return {
    token: reply.access_token,
    untilMs: Date.now() + reply.expires_in * 1_000 - SPARE_MS,
  };
}

function isToken(
  value: unknown,
): value is { readonly access_token: string; readonly expires_in: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'access_token' in value &&
    typeof value.access_token === 'string' &&
    'expires_in' in value &&
    typeof value.expires_in === 'number'
  );
}
