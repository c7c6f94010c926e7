/**
 * The signature of a direct call: an HMAC with SHA-256 over what it is for, when it was made, and its body. The same
 * code signs on the calling side and checks on the other.
 */
import type { DirectKey } from './keys.ts';

/** The headers of a direct call. */
export const DIRECT_HEADER = {
  key: 'x-polyfaas-key',
  /** Milliseconds since the epoch. */
  time: 'x-polyfaas-time',
  requestId: 'x-polyfaas-request-id',
  /** The version that is meant; absent for the live one. */
  version: 'x-polyfaas-version',
  signature: 'x-polyfaas-signature',
  /** On an answer: why a call was refused. */
  refused: 'x-polyfaas-refused',
} as const;

/** So far may the clocks of both sides be apart, with the way between them. */
export const SIGNATURE_WINDOW_MS = 60_000;

/** What a signature covers. */
export interface SignedParts {
  readonly keyId: string;
  /** `app/stage/name`: a key that two functions share opens only what was meant. */
  readonly functionId: string;
  /** Empty for the live version. */
  readonly version: string;
  readonly method: string;
  /** As it is sent, with the query. */
  readonly path: string;
  readonly timeMs: number;
  /** Also the nonce: the same signed call is taken once. */
  readonly requestId: string;
  readonly body: string | Uint8Array;
}

const BLOCK = 64;
const DIGEST = 32;
const BLANK = new Uint8Array(BLOCK);

/** A key's secret, made ready: hashing with it costs two hashes of SHA-256, and no object of OpenSSL's. */
export interface SigningKey {
  readonly id: string;
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

export function signingKey({ id, secret }: DirectKey): SigningKey {
  const raw = Buffer.from(secret, 'utf8');
  const key = raw.length > BLOCK ? sha256(raw) : raw;
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  return { id, inner, outer };
}

/** The signature: 43 characters of base64url. */
export function signatureOf(key: SigningKey, parts: SignedParts): string {
  return mac(key, parts).toString('base64url');
}

/** Whether a signature is that of the parts, in a time that tells nothing. */
export function isSignature(key: SigningKey, parts: SignedParts, signature: string): boolean {
  const wanted = mac(key, parts);
  const given = Buffer.from(signature, 'base64url');
  return given.length === wanted.length && crypto().timingSafeEqual(given, wanted);
}

/** What all calls to one place have in common of what is signed. */
export type SignedPlace = Omit<SignedParts, 'timeMs' | 'requestId' | 'body'>;

/** The first part of what is signed, to be made once for many calls. */
export function placeText({ keyId, functionId, version, method, path }: SignedPlace): string {
  // JSON keeps the fields apart, whatever they hold; a line feed, which JSON has none of, keeps them from the body.
  return `polyfaas-1${JSON.stringify([keyId, functionId, version, method, path]).slice(0, -1)},`;
}

/** A body as it is sent, and the signature over it. */
export interface SealedBody {
  readonly bytes: Uint8Array;
  readonly signature: string;
}

/** As {@link signatureOf}, for a caller with many calls to make: the body is turned into bytes once, to sign and to send. */
export function seal(
  key: SigningKey,
  place: string,
  {
    timeMs,
    requestId,
    body,
  }: Pick<SignedParts, 'timeMs' | 'requestId'> & { readonly body: string },
): SealedBody {
  const head = headText(place, timeMs, requestId);
  const bodyAt = BLOCK + Buffer.byteLength(head);
  const message = Buffer.allocUnsafe(bodyAt + Buffer.byteLength(body));
  message.set(key.inner);
  message.write(head, BLOCK);
  message.write(body, bodyAt);
  // A digest as text costs half of one as a buffer.
  OUTER_MESSAGE.set(key.outer);
  OUTER_MESSAGE.write(crypto().hash('sha256', message, 'binary'), BLOCK, 'latin1');
  const signature = crypto().hash('sha256', OUTER_MESSAGE, 'base64url');
  // What is sent shares its memory with the key.
  message.set(BLANK);
  return { bytes: message.subarray(bodyAt), signature };
}

/** Filled and hashed at once, so that one is enough for all calls. */
const OUTER_MESSAGE = Buffer.alloc(BLOCK + DIGEST);

function mac(key: SigningKey, parts: SignedParts): Buffer {
  const { body } = parts;
  const head = headText(placeText(parts), parts.timeMs, parts.requestId);
  const text = typeof body === 'string' ? Buffer.from(head + body) : Buffer.from(head);
  const message = typeof body === 'string' ? [key.inner, text] : [key.inner, text, body];
  return sha256(Buffer.concat([key.outer, sha256(Buffer.concat(message))]));
}

function headText(place: string, timeMs: number, requestId: string): string {
  return `${place}${timeMs},${JSON.stringify(requestId)}]\n`;
}

function sha256(bytes: Uint8Array): Buffer {
  return crypto().hash('sha256', bytes, 'buffer');
}

// Loaded when the first call is signed: most instances of a function are never called directly.
let loaded: typeof import('node:crypto') | undefined;

function crypto(): typeof import('node:crypto') {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}
