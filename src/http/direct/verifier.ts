import type { DirectKey } from './keys.ts';
import {
  DIRECT_HEADER,
  isSignature,
  SIGNATURE_WINDOW_MS,
  signingKey,
  type SigningKey,
} from './signature.ts';

/** A request as it came in. */
export interface DirectRequest {
  readonly method: string;
  /** Path with query, as it was sent. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Why a call is refused. */
export type Refusal =
  | 'unsigned'
  | 'unknownKey'
  | 'forged'
  | 'expired'
  | 'replayed'
  | 'otherVersion';

export interface VerifierParts {
  /** Newest first; read at each call, so that a key that is made later counts. */
  keys(): readonly DirectKey[];
  readonly functionId: string;
  readonly version: string;
  /** Default: the machine's clock. */
  readonly now?: () => number;
}

/** Nobody signs so many calls a minute to one instance; a flood of them must not take its memory. */
const MAX_REMEMBERED = 100_000;

/**
 * Checks signed calls. A signature is taken once by one instance, within the time that it counts; another instance does
 * not know of it.
 */
export class DirectVerifier {
  readonly #parts: VerifierParts;
  readonly #prepared = new Map<string, SigningKey>();
  /** Signatures that were taken, with the time until which they would count. In the order in which they came. */
  readonly #taken = new Map<string, number>();

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  /** The request id of a good call, or why it is none. */
  check(request: DirectRequest): { readonly requestId: string } | { readonly refused: Refusal } {
    const { headers } = request;
    const keyId = headers[DIRECT_HEADER.key];
    const time = headers[DIRECT_HEADER.time];
    const requestId = headers[DIRECT_HEADER.requestId];
    const signature = headers[DIRECT_HEADER.signature];
    const version = headers[DIRECT_HEADER.version] ?? '';
    if (!keyId || !requestId || !signature || time === undefined || !/^\d{1,15}$/.test(time)) {
      return { refused: 'unsigned' };
    }
    const key = this.#keyOf(keyId);
    if (key === undefined) return { refused: 'unknownKey' };
    const timeMs = Number(time);
    const parts = {
      keyId,
      functionId: this.#parts.functionId,
      version,
      method: request.method,
      path: request.url,
      timeMs,
      requestId,
      body: request.body,
    };
    if (!isSignature(key, parts, signature)) return { refused: 'forged' };
    const now = this.#parts.now?.() ?? Date.now();
    if (Math.abs(now - timeMs) > SIGNATURE_WINDOW_MS) return { refused: 'expired' };
    // Its bytes, not its text: base64url has more than one text for them.
    const nonce = Buffer.from(signature, 'base64url').toString('base64url');
    if (!this.#take(nonce, timeMs + SIGNATURE_WINDOW_MS, now)) return { refused: 'replayed' };
    if (version !== '' && version !== this.#parts.version) return { refused: 'otherVersion' };
    return { requestId };
  }

  #keyOf(id: string): SigningKey | undefined {
    const key = this.#parts.keys().find((known) => known.id === id);
    if (key === undefined) return undefined;
    const cached = `${id}:${key.secret}`;
    let prepared = this.#prepared.get(cached);
    if (prepared === undefined) {
      prepared = signingKey(key);
      this.#prepared.clear();
      this.#prepared.set(cached, prepared);
    }
    return prepared;
  }

  #take(signature: string, until: number, now: number): boolean {
    if (this.#taken.has(signature)) return false;
    for (const [old, oldUntil] of this.#taken) {
      if (oldUntil >= now && this.#taken.size < MAX_REMEMBERED) break;
      this.#taken.delete(old);
    }
    this.#taken.set(signature, until);
    return true;
  }
}
