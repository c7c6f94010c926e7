/**
 * What Vercel answers in place of a function.
 *
 * @see https://vercel.com/docs/errors
 */
import { randomBytes } from 'node:crypto';
import type { FunctionReply, ProjectsPort } from '../core/ports.ts';

type Gate = ReturnType<ProjectsPort['gateOf']>;

const TITLES: Readonly<Record<string, string>> = {
  DEPLOYMENT_NOT_FOUND: 'The deployment could not be found on Vercel.',
  DEPLOYMENT_DELETED: 'This deployment has been deleted',
  NOT_FOUND: 'The page could not be found',
  FUNCTION_PAYLOAD_TOO_LARGE: 'Request Entity Too Large',
  FUNCTION_INVOCATION_FAILED: 'A server error has occurred',
  FUNCTION_INVOCATION_TIMEOUT: 'An error occurred with your deployment',
  FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE: 'A server error has occurred',
  FUNCTION_THROTTLED: 'This deployment is temporarily paused',
  NO_RESPONSE_FROM_FUNCTION: 'An error occurred with your deployment',
  DEPLOYMENT_PAUSED: 'This deployment is temporarily paused',
  DEPLOYMENT_DISABLED: 'Payment required',
};

/** A page of Vercel's own, as clients that ask for no HTML get it. */
export function errorPage(status: number, code: string, id: string): FunctionReply {
  const title = TITLES[code] ?? 'An error occurred with your deployment';
  return {
    status,
    headers: [
      'Cache-Control',
      'public, max-age=0, must-revalidate',
      'Content-Type',
      'text/plain; charset=utf-8',
      'X-Vercel-Error',
      code,
    ],
    body: Buffer.from(`${title}\n\n${code}\n\n${id}\n`),
  };
}

/** Of projects whose deployments serve nobody. Undefined where they do. */
export function gatePage(gate: Gate, id: string): FunctionReply | undefined {
  if (gate === 'paused') return errorPage(503, 'DEPLOYMENT_PAUSED', id);
  if (gate === 'disabled') return errorPage(402, 'DEPLOYMENT_DISABLED', id);
  if (gate === 'open') return undefined;
  const headers = ['Content-Type', 'text/plain; charset=utf-8', 'X-Vercel-Mitigated', 'deny'];
  return { status: 403, headers, body: Buffer.from(`Forbidden\n\n${id}\n`) };
}

/** What a route says by its status alone. */
export function statusPage(status: number, id: string): FunctionReply {
  if (status === 404) return errorPage(404, 'NOT_FOUND', id);
  const headers = ['Content-Type', 'text/plain; charset=utf-8'];
  return { status, headers, body: Buffer.from(status >= 400 ? `${status}\n\n${id}\n` : '') };
}

/** @see https://vercel.com/docs/deployment-protection/methods-to-protect-deployments/vercel-authentication */
export function authenticationPage(): FunctionReply {
  const nonce = randomBytes(16).toString('hex');
  return {
    status: 401,
    headers: [
      'Cache-Control',
      'no-store, max-age=0',
      'Content-Type',
      'text/html; charset=utf-8',
      'Set-Cookie',
      `_vercel_sso_nonce=${nonce}; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax`,
      'X-Frame-Options',
      'DENY',
      'X-Robots-Tag',
      'noindex',
    ],
    body: Buffer.from(
      '<!doctype html><html lang=en><meta charset=utf-8><title>Authentication Required</title><p>Vercel Authentication: this page requires a login to Vercel, or a bypass for automation.</html>',
    ),
  };
}
