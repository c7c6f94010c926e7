/** Calls Google's APIs over REST: one request for one call, neither retried nor polled. */
import { jsonOf } from './answer.ts';
import type { Auth } from './auth.ts';
import type { GcpClients, RestRequest } from './index.ts';
import type { Transport } from './transport.ts';
import { refuseOpen } from './transport.ts';

export function createRest(
  transport: Transport,
  auth: Pick<Auth, 'headers' | 'forget'>,
  endpoints: GcpClients['endpoints'],
  now: () => number,
): GcpClients['rest'] {
  return async (call) => {
    const { api, method, path, body, signal } = call;
    const url = `${endpoints[api]}${path}${queryOf(call)}`;
    refuseOpen(url);
    const { token, headers } = await auth.headers(signal);
    const answer = await transport.send({
      method,
      url,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    if (answer.status === 401) auth.forget(token);
    return jsonOf(answer, `${method} ${path}`, now());
  };
}

function queryOf({ path, query = {} }: RestRequest): string {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  if (parameters === '') return '';
  return `${path.includes('?') ? '&' : '?'}${parameters}`;
}
