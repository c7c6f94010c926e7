/** Which answers of an address tell that it is only too new, and which do not change by themselves. */
import type { DirectCallError } from 'polyfaas/spi';
import { classifyDirect } from '../errors/direct.ts';
import type { NotYet } from '../execute/verdict.ts';

export function notYet(said: string, cause?: unknown, doubt: NotYet['doubt'] = null): NotYet {
  return { notYet: said, doubt, cause };
}

/** @throws the answer itself when it stays as it is: a project that is paused, a firewall, keys that are not known. */
export function verdictOf(error: DirectCallError): NotYet {
  const { status, headers, refused } = error;
  const said = [status, headers['x-vercel-error'] ?? refused].filter(Boolean).join(' ');
  const isEdges = refused === undefined;
  if (isEdges && (status === 404 || status === 410)) return notYet(said, error, 'nowhere');
  const isSignIn = status === 401 || (status >= 300 && status < 400);
  if (isEdges && isSignIn) return notYet(said, error, 'protected');
  const meaning = classifyDirect(error);
  // The edge waited for an instance that is still starting.
  const passes = meaning?.retryable === true || meaning?.code === 'TIMEOUT';
  if (!passes) throw error;
  return notYet(said, error);
}
