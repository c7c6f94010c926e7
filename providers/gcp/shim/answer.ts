/** What our own paths answer. */
import { STATUS } from '../manifest.ts';

export interface Answer {
  readonly status: number;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | null;
}

const NO_STORE = ['cache-control', 'no-store'] as const;

export function bare(status: number): Answer {
  return { status, headers: NO_STORE, body: null };
}

export function plain(status: number, error: string): Answer {
  return {
    status,
    headers: ['content-type', 'application/json', ...NO_STORE],
    body: JSON.stringify({ error }),
  };
}

/** Acknowledged: done, not wanted, or given up. */
export const DONE = bare(STATUS.ok);
/** Acknowledged: it comes again from the binding's own topic. */
export const RELAYED = bare(STATUS.relayed);
/** To be delivered again. */
export const AGAIN = bare(STATUS.failed);
export const TOO_SLOW = bare(STATUS.timedOut);
