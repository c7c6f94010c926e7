/**
 * HTTP as it travels between a pool and an instance. A structured clone writes the names of fields with each message,
 * and makes memory of its own for each list of bytes; so these are lists, and a small body is a text with one character
 * for each byte.
 */
import type { JsonValue } from 'polyfaas/spi';
import type { LocalHttpRequest, LocalHttpResponse } from '../ports.ts';
import type { FromInstance, Operation } from './protocol.ts';

export type WireBody = string | Uint8Array | null;

export type WireRequest = readonly [
  method: string,
  url: string,
  headers: readonly string[],
  body: WireBody,
  route: string,
  params: LocalHttpRequest['http']['params'],
  claims: LocalHttpRequest['http']['claims'],
  clientAddress: string | undefined,
];

type HttpReply = Extract<FromInstance, { readonly 0: typeof Operation.httpReply }>;

/** Above this, copying the bytes once more costs more than the memory for them. */
const MAX_TEXT_BYTES = 16_384;

export function toWireRequest(request: LocalHttpRequest): WireRequest {
  const { method, url, headers, body, http } = request;
  const { route, params, claims, clientAddress } = http;
  return [method, url, headers, toWireBody(body), route, params, claims, clientAddress];
}

export function fromWireRequest(wire: WireRequest): LocalHttpRequest {
  const [method, url, headers, body, route, params, claims, clientAddress] = wire;
  const http = { route, params, claims, clientAddress };
  return { method, url, headers, body: fromWireBody(body), http };
}

export function fromWireReply(message: HttpReply): LocalHttpResponse {
  const [, , status, statusText, headers, body] = message;
  return typeof body === 'string'
    ? new TextReply(status, statusText, headers, body)
    : { status, statusText, headers, body };
}

/** A reply whose body is a text until somebody asks for its bytes: a socket takes the text as it is. */
class TextReply implements LocalHttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly string[];
  readonly bodyText: string;
  #body: Uint8Array | null | undefined;

  constructor(status: number, statusText: string, headers: readonly string[], bodyText: string) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.bodyText = bodyText;
  }

  get body(): Uint8Array | null {
    this.#body ??= fromWireBody(this.bodyText);
    return this.#body;
  }
}

/** Tells the two apart: only an http call has a request. */
export function isWireRequest(kind: string, event: JsonValue | WireRequest): event is WireRequest {
  return kind === 'http' && Array.isArray(event);
}

export function toWireBody(body: Uint8Array | null): WireBody {
  if (body === null) return null;
  const { buffer, byteOffset, byteLength } = body;
  if (byteLength <= MAX_TEXT_BYTES) {
    return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  }
  // A clone takes all the memory that lies behind a view.
  return byteLength === buffer.byteLength ? body : body.slice();
}

function fromWireBody(body: WireBody): Uint8Array | null {
  if (typeof body !== 'string') return body;
  const { buffer, byteOffset, byteLength } = Buffer.from(body, 'latin1');
  return new Uint8Array(buffer, byteOffset, byteLength);
}
