import { endToEnd, headerOf, withHeader } from '../../shared/runtime/header-list.ts';
import type { DeployedFunction, ReadyDeployment } from '../core/ports.ts';
import { hostOf } from '../runtime/environment.ts';

/** A caller from outside, by an address that is nobody's (RFC 5737). */
const CALLER_ADDRESS = '203.0.113.7';
/** What a client may say of itself, among what is Vercel's to say. */
const OF_CLIENTS = new Set(['x-vercel-protection-bypass', 'x-vercel-set-bypass-cookie']);
const OF_VERCEL = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-matched-path',
  'x-real-ip',
]);

/** The headers of a request without what only Vercel says: nobody outside can. */
export function fromOutside(headers: readonly string[]): string[] {
  const claimed = headers
    .filter((_, at) => at % 2 === 0)
    .map((name) => name.toLowerCase())
    .filter(
      (name) => OF_VERCEL.has(name) || (name.startsWith('x-vercel-') && !OF_CLIENTS.has(name)),
    );
  return endToEnd(headers, claimed);
}

/**
 * What a function gets: the request's headers, and what Vercel adds.
 *
 * @see https://vercel.com/docs/headers/request-headers
 */
export function forFunction(
  headers: readonly string[],
  deployment: ReadyDeployment,
  { name }: DeployedFunction,
  { id, token }: { readonly id: string; readonly token: string },
): string[] {
  const own = hostOf(deployment);
  const host = headerOf(headers, 'host') ?? own;
  const added: Readonly<Record<string, string>> = {
    host,
    forwarded: `for=${CALLER_ADDRESS};host=${host};proto=https`,
    'x-forwarded-for': CALLER_ADDRESS,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'https',
    'x-matched-path': `/${name}`,
    'x-real-ip': CALLER_ADDRESS,
    'x-vercel-deployment-url': own,
    'x-vercel-forwarded-for': CALLER_ADDRESS,
    'x-vercel-id': id,
    'x-vercel-oidc-token': token,
  };
  return Object.entries(added).reduce<string[]>(
    (all, [each, value]) => withHeader(all, each, value),
    endToEnd(headers),
  );
}
