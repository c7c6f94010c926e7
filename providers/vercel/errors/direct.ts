/** What direct calls fail with: the words of Vercel's edge, and those of the function's own entry. */
import { DirectCallError, DirectTimeoutError, type Classification } from 'polyfaas/spi';

/** Nothing ran. */
const NOT_RUN = { retryable: false, didNotRun: true } as const;
const FUNCTION_FAILED: Classification = { code: 'FUNCTION_FAILED', retryable: false };

/**
 * By the header `x-vercel-error` ("Error codes" of Vercel's documentation). An answer without it is not the platform's.
 */
const BY_EDGE: Readonly<Record<string, Classification>> = {
  FUNCTION_INVOCATION_FAILED: {
    ...FUNCTION_FAILED,
    message:
      'The process of the function ended before it answered: it ran out of memory, or called process.exit. Raise memoryMb, or look at its logs.',
  },
  NO_RESPONSE_FROM_FUNCTION: {
    ...FUNCTION_FAILED,
    message: 'The function ended without an answer. Look at its logs.',
  },
  EDGE_FUNCTION_INVOCATION_FAILED: FUNCTION_FAILED,
  INFINITE_LOOP_DETECTED: {
    ...FUNCTION_FAILED,
    message: 'The function calls itself over and over, and Vercel stopped it.',
  },
  FUNCTION_INVOCATION_TIMEOUT: { code: 'TIMEOUT', retryable: false },
  FUNCTION_PAYLOAD_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE', ...NOT_RUN },
  FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE: {
    code: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    message:
      'The answer of the function is larger than the 4.5 MB that Vercel passes on. Answer with a link instead.',
  },
  FUNCTION_THROTTLED: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  DEPLOYMENT_PAUSED: {
    code: 'QUOTA_EXCEEDED',
    ...NOT_RUN,
    message:
      'The project is paused, by hand or because of its spend limit. Resume it in its settings at Vercel.',
  },
  DEPLOYMENT_DISABLED: {
    code: 'QUOTA_EXCEEDED',
    ...NOT_RUN,
    message: 'Vercel has disabled the deployment: see the usage and the billing of the account.',
  },
  DEPLOYMENT_BLOCKED: { code: 'PERMISSION_DENIED', ...NOT_RUN },
  DEPLOYMENT_DELETED: {
    code: 'NOT_FOUND',
    ...NOT_RUN,
    message: 'The deployment was deleted at Vercel. Deploy the function again.',
  },
};

const NOT_KNOWN_YET: Classification = {
  code: 'UNAVAILABLE',
  retryable: true,
  didNotRun: true,
  message: 'The address of the function is not known everywhere yet. Try again in a moment.',
};

const PROTECTED: Classification = {
  code: 'UNAUTHENTICATED',
  ...NOT_RUN,
  message:
    'The protection of deployments did not let the call through: its bypass secret is gone, or another one. Deploy the function again.',
};

/** A pure reading of a direct call's failure; undefined for anything else. */
export function classifyDirect(error: unknown): Classification | undefined {
  if (error instanceof DirectTimeoutError) return { code: 'TIMEOUT', retryable: false };
  if (!(error instanceof DirectCallError)) return undefined;
  if (error.refused !== undefined) return byRefusal(error.refused);
  const { status, headers } = error;
  const edge = headers['x-vercel-error'] ?? '';
  const known = (Object.hasOwn(BY_EDGE, edge) ? BY_EDGE[edge] : undefined) ?? byStatus(status);
  const delay = Number(headers['retry-after']) * 1_000;
  return known.retryable && delay > 0 ? { ...known, retryAfterMs: delay } : known;
}

/** Of the function's own entry. */
function byRefusal(refused: string): Classification {
  if (refused === 'otherVersion') {
    return {
      code: 'CONFLICT',
      ...NOT_RUN,
      message: 'Another version is live by now. Call again without a version, or deploy.',
    };
  }
  if (refused === 'replayed') return { code: 'CONFLICT', ...NOT_RUN };
  return {
    code: 'UNAUTHENTICATED',
    ...NOT_RUN,
    message: `The function refused the call (${refused}): its keys are not those that its variables tell, or the clocks are more than a minute apart. Deploy the function again.`,
  };
}

function byStatus(status: number): Classification {
  if (status === 401 || (status >= 300 && status < 400)) return PROTECTED;
  if (status === 402) return { code: 'QUOTA_EXCEEDED', ...NOT_RUN };
  if (status === 403) {
    return {
      code: 'PERMISSION_DENIED',
      ...NOT_RUN,
      message:
        'The firewall of the project did not let the call through. Let "/polyfaas/invoke" pass in its rules (Firewall, at Vercel).',
    };
  }
  if (status === 404) return NOT_KNOWN_YET;
  if (status === 410) return { code: 'NOT_FOUND', ...NOT_RUN };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', ...NOT_RUN };
  if (status === 429) return { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
  if (status === 504) return { code: 'TIMEOUT', retryable: false };
  return { code: status >= 500 ? 'UNAVAILABLE' : 'UNKNOWN', retryable: status >= 500 };
}
