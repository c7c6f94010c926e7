/** Makes signed calls: what is the same for all calls to one place is made once. */
import {
  DIRECT_HEADER,
  signatureOf,
  signingKey,
  type DirectBody,
  type DirectKey,
  type SigningKey,
} from '../../http/direct/index.ts';
import { placeText, seal } from '../../http/direct/signature.ts';

/** Where a function is, and what opens it. */
export interface DirectEndpoint {
  /** The whole URL of the route. */
  readonly url: string;
  /** What the platform itself asks for, such as a function key. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: DirectKey;
  /** `app/stage/name` */
  readonly functionId: string;
}

export interface SignedCallOptions {
  readonly requestId: string;
  /** Milliseconds since the epoch; parts of one are rounded. */
  readonly timeMs: number;
  readonly version?: string;
}

/** The bytes and headers of a signed call, without sending it. */
export function signedCall(
  endpoint: DirectEndpoint,
  body: DirectBody,
  { requestId, version = '', timeMs }: SignedCallOptions,
  key: SigningKey = signingKey(endpoint.key),
): { readonly headers: Record<string, string>; readonly body: string } {
  const text = JSON.stringify(body);
  // A clock may know parts of milliseconds; the server takes digits alone.
  const wholeMs = Math.round(timeMs);
  const signature = signatureOf(key, {
    keyId: endpoint.key.id,
    functionId: endpoint.functionId,
    version,
    method: 'POST',
    path: splitUrl(endpoint.url).path,
    timeMs: wholeMs,
    requestId,
    body: text,
  });
  const headers: Record<string, string> = {
    ...endpoint.headers,
    'content-type': 'application/json',
    [DIRECT_HEADER.key]: endpoint.key.id,
    [DIRECT_HEADER.time]: String(wholeMs),
    [DIRECT_HEADER.requestId]: requestId,
    [DIRECT_HEADER.signature]: signature,
  };
  if (version !== '') headers[DIRECT_HEADER.version] = version;
  return { headers, body: text };
}

/** A signed call in the transport's form: names and values of headers by turns. */
export interface SealedCall {
  readonly headers: string[];
  readonly body: Uint8Array;
}

/** Makes the calls to one endpoint. */
export class CallSealer {
  readonly origin: string;
  readonly path: string;
  readonly #endpoint: DirectEndpoint;
  readonly #key: SigningKey;
  readonly #headers: readonly string[];
  /** Of the live version, which nearly all calls are for. */
  readonly #livePlace: string;

  constructor(endpoint: DirectEndpoint) {
    const { origin, path } = splitUrl(endpoint.url);
    this.origin = origin;
    this.path = path;
    this.#endpoint = endpoint;
    this.#key = signingKey(endpoint.key);
    this.#headers = [
      ...Object.entries(endpoint.headers).flat(),
      'content-type',
      'application/json',
      DIRECT_HEADER.key,
      endpoint.key.id,
    ];
    this.#livePlace = this.#placeOf('');
  }

  /** As {@link signedCall} has it. */
  seal(body: DirectBody, requestId: string, timeMs: number, version = ''): SealedCall {
    const place = version === '' ? this.#livePlace : this.#placeOf(version);
    const { bytes, signature } = seal(this.#key, place, {
      timeMs,
      requestId,
      body: JSON.stringify(body),
    });
    const headers = [
      ...this.#headers,
      DIRECT_HEADER.time,
      String(timeMs),
      DIRECT_HEADER.requestId,
      requestId,
      DIRECT_HEADER.signature,
      signature,
    ];
    if (version !== '') headers.push(DIRECT_HEADER.version, version);
    return { headers, body: bytes };
  }

  #placeOf(version: string): string {
    const { key, functionId } = this.#endpoint;
    return placeText({ keyId: key.id, functionId, version, method: 'POST', path: this.path });
  }
}

function splitUrl(url: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: `${pathname}${search}` };
}
