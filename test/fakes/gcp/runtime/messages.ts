/** What an instance's process is told, and what it tells: JSON, a line each. */

export type ToWorker =
  | {
      readonly kind: 'start';
      readonly env: Readonly<Record<string, string>>;
      readonly folder: string;
      /** The platform's time. */
      readonly nowMs: number;
    }
  | { readonly kind: 'time'; readonly nowMs: number }
  | { readonly kind: 'ping'; readonly id: number };

export type FromWorker =
  /** The container listens on its port, which is this one of the machine's. */
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'pong'; readonly id: number };

/** Brings the platform's time along with a request. The function never sees it. */
export const TIME_HEADER = 'x-fake-platform-time';
