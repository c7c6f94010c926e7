/** What a shim answers on its own paths. */

/** An answer as Node's server sends it. */
export interface ServerAnswer {
  readonly status: number;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | null;
}

const NO_STORE = ['cache-control', 'no-store'] as const;

/** Without a body. Kept by no cache. */
export function bareAnswer(status: number): ServerAnswer {
  return { status, headers: NO_STORE, body: null };
}

/** With `{ "error": ... }` as its body. Kept by no cache. */
export function errorAnswer(status: number, error: string): ServerAnswer {
  return {
    status,
    headers: ['content-type', 'application/json', ...NO_STORE],
    body: JSON.stringify({ error }),
  };
}
