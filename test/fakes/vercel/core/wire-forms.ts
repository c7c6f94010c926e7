/** How each plane says no: errors of the API (https://vercel.com/docs/rest-api/errors), and what the edge has to say. */
import { VercelFault } from './fault.ts';
import type { WireReply } from './ports.ts';

/** The plane of the REST API; all others are addresses of deployments, and Vercel Queues. */
export const API_PLANE = 'api';

/** The answer for what was thrown. What is no `VercelFault` is a mistake of the fake itself, and is told loudly. */
export function faultReply(error: unknown): WireReply {
  const { status, code, message, fields, headers } = faultOf(error);
  return { status, headers, body: { error: { code, message, ...fields } } };
}

function faultOf(error: unknown): VercelFault {
  if (error instanceof VercelFault) return error;
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new VercelFault(500, 'internal_server_error', `The fake failed: ${told}`);
}

/** Requests that a client of the API may make in a minute, where Vercel tells it. */
const LIMIT = 100;
const WINDOW_MS = 60_000;

/** What a plane answers instead of doing anything. */
export function plainFault(plane: string, kind: 'throttled' | 'failed', now: number): WireReply {
  if (plane !== API_PLANE) return kind === 'throttled' ? EDGE_THROTTLED : EDGE_FAILED;
  return faultReply(kind === 'throttled' ? rateLimited(now) : serverError());
}

export function rateLimited(now: number): VercelFault {
  const resetMs = now + WINDOW_MS;
  const reset = Math.ceil(resetMs / 1000);
  return new VercelFault(
    429,
    'rate_limited',
    `The rate limit of ${LIMIT} exceeded for 'api-requests'. Try again in 1 minute`,
    {
      fields: { limit: { remaining: 0, reset, resetMs, total: LIMIT } },
      headers: {
        'retry-after': String(WINDOW_MS / 1000),
        'x-ratelimit-limit': String(LIMIT),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(reset),
      },
    },
  );
}

function serverError(): VercelFault {
  return new VercelFault(500, 'internal_server_error', 'An unexpected internal error occurred');
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };
/** The firewall's. */
const EDGE_THROTTLED: WireReply = {
  status: 429,
  headers: { ...PLAIN, 'x-vercel-mitigated': 'deny', 'retry-after': '1' },
  body: 'Too Many Requests\n',
};
/** https://vercel.com/docs/errors/INTERNAL_UNEXPECTED_ERROR */
const EDGE_FAILED: WireReply = {
  status: 500,
  headers: { ...PLAIN, 'x-vercel-error': 'INTERNAL_UNEXPECTED_ERROR' },
  body: 'An unexpected internal error has occurred\n\nINTERNAL_UNEXPECTED_ERROR\n',
};
