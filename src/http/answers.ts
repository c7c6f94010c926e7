/** What is answered without a handler. Says what the client did, and nothing of the inside. */

/** An answer without a handler. */
export interface Answer {
  readonly status: number;
  readonly error: string;
  /** Name, value, name, value ... */
  readonly headers?: readonly string[];
}

export const ANSWERS = {
  badTarget: { status: 400, error: 'The request target is not a valid path.' },
  badEncoding: { status: 400, error: 'The path holds malformed percent-encoding.' },
  noRoute: { status: 404, error: 'No route matches the path.' },
  tooLarge: { status: 413, error: 'The body is larger than the route allows.' },
  keysUnavailable: {
    status: 503,
    error: 'The token cannot be checked now: the keys of its issuer cannot be reached.',
    headers: ['retry-after', '1'],
  },
  badReply: { status: 502, error: 'The function gave a response that cannot be sent.' },
  failed: { status: 500, error: 'The function failed.' },
  timedOut: { status: 504, error: 'The function did not answer in time.' },
} as const satisfies Record<string, Answer>;

export function methodNotAllowed(allow: readonly string[]): Answer {
  return {
    status: 405,
    error: 'The path does not take this method.',
    headers: ['allow', allow.join(', ')],
  };
}

/** RFC 6750: what the client must bring. */
export function unauthorized(why: string | undefined): Answer {
  return {
    status: 401,
    error: why === undefined ? 'A bearer token is required.' : `Token refused: ${why}.`,
    headers: [
      'www-authenticate',
      why === undefined ? 'Bearer' : `Bearer error="invalid_token", error_description="${why}"`,
    ],
  };
}

export function forbidden(scopes: readonly string[]): Answer {
  // What RFC 6750 allows in it, which a header can carry too.
  const scope = scopes.join(' ').replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '');
  return {
    status: 403,
    error: 'The token lacks a scope.',
    headers: ['www-authenticate', `Bearer error="insufficient_scope", scope="${scope}"`],
  };
}
