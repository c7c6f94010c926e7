/** Tokens of the function's own identity, from the endpoint that App Service gives its apps. */
import { SETTING } from '../manifest.ts';

interface Kept {
  readonly token: Promise<string>;
  /** Undefined while it is on its way. */
  value?: string;
  untilMs: number;
}

const kept = new Map<string, Kept>();
/** A token that ends sooner is got anew. */
const SPARE_MS = 120_000;
/** The endpoint is on the machine itself. */
const TIMEOUT_MS = 10_000;

/** A token for a service, kept until shortly before it ends. Those who ask at once share one request. */
export function tokenFor(resource: string): Promise<string> {
  const known = kept.get(resource);
  if (known && known.untilMs > Date.now()) return known.token;
  const asked = ask(resource);
  const made: Kept = { token: asked.then(({ token }) => token), untilMs: Infinity };
  kept.set(resource, made);
  asked.then(
    ({ token, untilMs }) => {
      made.value = token;
      made.untilMs = untilMs;
    },
    () => {
      if (kept.get(resource) === made) kept.delete(resource);
    },
  );
  return made.token;
}

/** The service did not take its token: it was taken back, or ended earlier than it said. */
export function forgetToken(resource: string, token: string): void {
  if (kept.get(resource)?.value === token) kept.delete(resource);
}

async function ask(
  resource: string,
): Promise<{ readonly token: string; readonly untilMs: number }> {
  const { env } = process;
  const endpoint = env['IDENTITY_ENDPOINT'];
  const secret = env['IDENTITY_HEADER'];
  if (endpoint === undefined || secret === undefined) {
    throw new Error('The function app has no managed identity: IDENTITY_ENDPOINT is not set.');
  }
  const query = new URLSearchParams({ resource, 'api-version': '2019-08-01' });
  const clientId = env[SETTING.clientId];
  if (clientId !== undefined && clientId !== '') query.set('client_id', clientId);
  const response = await fetch(`${endpoint}?${query.toString()}`, {
    headers: { 'x-identity-header': secret },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const reply: unknown = await response.json().catch(() => undefined);
  if (!isToken(reply)) throw new Error(`No token for ${resource}: status ${response.status}`);
  return {
    token: reply.access_token,
    untilMs: Number(reply.expires_on) * 1_000 - SPARE_MS || 0,
  };
}

function isToken(
  value: unknown,
): value is { readonly access_token: string; readonly expires_on: string | number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'access_token' in value &&
    typeof value.access_token === 'string' &&
    'expires_on' in value
  );
}
