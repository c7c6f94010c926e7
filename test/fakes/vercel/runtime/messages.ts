/** What an instance's process is told, and what it tells: JSON, a line each. */

export type ToWorker =
  | {
      readonly kind: 'start';
      readonly env: Readonly<Record<string, string>>;
      readonly folder: string;
      /** Relative to the folder: `index.mjs`. */
      readonly handler: string;
      /** The platform's time. */
      readonly nowMs: number;
    }
  | { readonly kind: 'time'; readonly nowMs: number }
  | { readonly kind: 'ping'; readonly id: number };

export type FromWorker =
  /** It takes requests on this port of the machine's. */
  | { readonly kind: 'listening'; readonly port: number }
  /** Its code failed in a way that ends a process: what is under way may come to its end, and nothing new is sent. */
  | { readonly kind: 'failing' }
  | { readonly kind: 'pong'; readonly id: number };

/** Brings the platform's time along with a request. The function never sees it. */
export const TIME_HEADER = 'x-fake-platform-time';

/** Of an answer that stands for a request whose code failed. Nobody outside sees it. */
export const FAILED_HEADER = 'x-fake-invocation-failed';
