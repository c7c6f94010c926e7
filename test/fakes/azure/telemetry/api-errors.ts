import { randomUUID } from 'node:crypto';
import type { WireReply } from '../core/ports.ts';

/** An error of the Log Analytics query API. */
export function queryError(
  status: number,
  code: string,
  message: string,
  innererror?: Readonly<Record<string, unknown>>,
): WireReply {
  return {
    status,
    body: {
      error: { message, code, correlationId: randomUUID(), ...(innererror && { innererror }) },
    },
  };
}
