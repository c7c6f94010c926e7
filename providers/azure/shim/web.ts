/** Requests and responses between the library and what polyfaas has in front of the handler. */
import type { Cookie, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { ServerAnswer, SiteRequest } from 'polyfaas/http';
import { cookieOf } from './cookies.ts';

/** The front's name for the client comes last in `x-forwarded-for`, with its port. */
export function clientAddressOf(request: HttpRequest): string | undefined {
  const last = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
  if (last === undefined || last === '') return undefined;
  return /^\[([^\]]+)\]/.exec(last)?.[1] ?? /^([^:]+)(?::\d+)?$/.exec(last)?.[1] ?? last;
}

export async function siteRequestOf(
  request: HttpRequest,
  context: InvocationContext,
): Promise<SiteRequest> {
  const headers: string[] = [];
  for (const [name, value] of request.headers) headers.push(name, value);
  return {
    method: request.method.toUpperCase(),
    url: request.url,
    headers,
    body: await bytesOf(request),
    requestId: context.invocationId,
    clientAddress: clientAddressOf(request),
  };
}

/**
 * Whether the request had a body that the host did not hand over: it hands over what is as long as the request says ahead
 * (azure-functions-host, issue 7930).
 */
export function isBodyLost(request: HttpRequest): boolean {
  return request.body === null && /chunked/i.test(request.headers.get('transfer-encoding') ?? '');
}

/** Null without a body. */
export async function bytesOf(request: HttpRequest): Promise<Uint8Array | null> {
  if (request.body === null) return null;
  const buffer = await request.arrayBuffer();
  return buffer.byteLength === 0 ? null : new Uint8Array(buffer);
}

export function responseOf({ status, headers, body }: ServerAnswer): HttpResponseInit {
  const fields = new Headers();
  const cookies: Cookie[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name.toLowerCase() !== 'set-cookie') fields.append(name, value);
    else {
      const cookie = cookieOf(value);
      if (cookie) cookies.push(cookie);
    }
  }
  return { status, headers: fields, cookies, ...(body === null ? {} : { body }) };
}
