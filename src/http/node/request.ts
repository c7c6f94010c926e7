/** Requests of Node's server, and what they are to the parts behind it. */
import type { IncomingMessage } from 'node:http';
import type { SiteRequest } from '../site.ts';

/** Names in lower case; of repeated ones the last. */
export function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? (value.at(-1) ?? '') : value;
  }
  return headers;
}

/** A name with a port, or an address. Anything else would end up in the middle of a URL. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/**
 * What a request is for, as it was sent: its path with the query, and the path alone. Undefined for what is no path of a
 * server.
 */
export function targetOf(
  request: IncomingMessage,
): { readonly url: string; readonly path: string } | undefined {
  // Express cuts what it is mounted at from `url`; what was sent stays beside it.
  const sent =
    'originalUrl' in request && typeof request.originalUrl === 'string'
      ? request.originalUrl
      : (request.url ?? '/');
  // Servers take whole URLs, too (RFC 9112, "absolute-form").
  const rest = sent.startsWith('/') ? sent : /^https?:\/\/[^/?#]*(.*)$/is.exec(sent)?.[1];
  const host = request.headers.host ?? '';
  if (rest === undefined || (host !== '' && !HOST.test(host))) return undefined;
  const url = rest.startsWith('/') ? rest : `/${rest}`;
  return { url, path: url.split(/[?#]/, 1)[0] ?? '/' };
}

/**
 * All of it; empty without a body, and undefined when it is larger than that. Where a framework has read it already, it
 * is kept beside the request.
 *
 * @throws when the client goes away before its end.
 */
export async function bytesOf(
  request: IncomingMessage,
  mostBytes: number,
): Promise<Buffer | undefined> {
  if ('rawBody' in request && Buffer.isBuffer(request.rawBody)) return request.rawBody;
  // One that was over before anybody looked tells of nothing any more.
  if (request.destroyed) throw new Error('The request broke off.');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= mostBytes) {
        chunks.push(chunk);
      } else {
        // The rest is read, and let go.
        chunks.length = 0;
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('The request broke off.')));
  });
}

/** The client's own address is the last that the platform's front end wrote. */
export function clientAddressOf(headers: Readonly<Record<string, string>>): string | undefined {
  const last = headers['x-forwarded-for']?.split(',').at(-1)?.trim();
  return last === undefined || last === '' ? undefined : last;
}

/** A request, as it was taken in. */
export interface IncomingRequest {
  readonly request: IncomingMessage;
  /** Path with query, as it was sent. */
  readonly url: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The same, as the http front takes it. */
export function siteRequestOf(
  { request, url, headers, body }: IncomingRequest,
  requestId: string,
): SiteRequest {
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  return {
    method: request.method ?? 'GET',
    url: `${scheme}://${headers['host'] || 'localhost'}${url}`,
    headers: request.rawHeaders,
    body: body.byteLength === 0 ? null : body,
    requestId,
    clientAddress: clientAddressOf(headers),
  };
}
