import type { FunctionReply } from '../core/ports.ts';

/** What comes of a request to a function: its own answer, or what Vercel says in its place. */
export type RunOutcome =
  | { readonly kind: 'answer'; readonly reply: FunctionReply }
  | { readonly kind: 'fault'; readonly status: number; readonly code: FaultCode };

/** @see https://vercel.com/docs/errors */
export type FaultCode =
  | 'FUNCTION_INVOCATION_FAILED'
  | 'FUNCTION_INVOCATION_TIMEOUT'
  | 'FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE'
  | 'FUNCTION_THROTTLED'
  | 'NO_RESPONSE_FROM_FUNCTION';

const STATUS: Readonly<Record<FaultCode, number>> = {
  FUNCTION_INVOCATION_FAILED: 500,
  FUNCTION_INVOCATION_TIMEOUT: 504,
  FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE: 500,
  FUNCTION_THROTTLED: 503,
  NO_RESPONSE_FROM_FUNCTION: 502,
};

export function fault(code: FaultCode): RunOutcome {
  return { kind: 'fault', status: STATUS[code], code };
}

/** Of requests and of answers: "Vercel Functions limits". */
export const MAX_BODY_BYTES = 4_500_000;
