/** One HTTP server for each plane. Bearer tokens say who asks; the deployer's requests may go wrong on the way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, bytesOf, hasBody } from '../../shared/wire/body.ts';
import type { Intercept } from '../../shared/wire/intercept.ts';
import { PlaneServers as SharedServers } from '../../shared/wire/plane-servers.ts';
import type { Caller, WireReply } from './ports.ts';
import type { Plane, PlaneHost, PlaneRequest } from './service.ts';
import { faultReply, plainFault } from './wire-forms.ts';

export type PlaneReply = WireReply & { readonly setCookies?: readonly string[] };

export interface PlaneServersOptions {
  callerOf(token: string, audience: string): Caller | undefined;
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept?: Intercept<PlaneReply>;
}

export class PlaneServers
  extends SharedServers<Plane, PlaneRequest, PlaneReply>
  implements PlaneHost
{
  constructor(options: PlaneServersOptions) {
    super({
      intercept: options.intercept,
      keepsPorts: false,
      read: async ({ audience }, incoming) => {
        const headers = headersOf(incoming);
        const token = /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
        const caller =
          token === undefined || audience === undefined
            ? undefined
            : options.callerOf(token, audience);
        return {
          method: incoming.method ?? 'GET',
          url: incoming.url ?? '/',
          headers,
          body: await bodyOf(incoming),
          caller,
        };
      },
      isDeployers: (plane, request) =>
        request.caller?.kind === 'deployer' || plane.isDeployers?.(request) === true,
      isWrite: (plane, request) => plane.isWrite?.(request) ?? isWriting(request.method),
      refuse: faultReply,
      instead: plainFault,
      send,
    });
  }
}

function isWriting(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

function headersOf(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function send(response: ServerResponse, reply: PlaneReply, isHead: boolean): void {
  if (response.destroyed) return;
  const { bytes, isJson } = bytesOf(reply.body);
  const isSent = hasBody(reply.status, isHead);
  const headers: Record<string, string | readonly string[]> = {
    ...(isJson && { 'content-type': 'application/json; charset=utf-8' }),
    ...(isSent && { 'content-length': String(bytes.length) }),
    ...reply.headers,
    ...(reply.setCookies?.length && { 'set-cookie': reply.setCookies }),
  };
  response.writeHead(reply.status, headersFor(headers));
  response.end(isSent ? bytes : undefined);
}

function headersFor(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  );
}
