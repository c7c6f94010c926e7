/** Calls Vercel's API over REST: one request for one call, neither retried nor polled. */
import { apiError, callName, jsonOf } from './answer.ts';
import type { RestRequest, VercelClients } from './index.ts';
import { inTeam } from './team.ts';
import type { HttpCall, Transport } from './transport.ts';

/** Where requests go, and as whom. */
export interface RestSettings {
  readonly apiEndpoint: string;
  readonly team: string | null;
  /** Throws when there is none. */
  readonly token: () => string;
  readonly now: () => number;
}

/** The API's own address, as the vendor's command line knows it. */
const API = 'https://api.vercel.com';
const SITE = 'https://vercel.com';

export function createRest(
  transport: Transport,
  settings: RestSettings,
): Pick<VercelClients, 'rest' | 'lines'> {
  return {
    async rest(request) {
      const { method, path } = request;
      const answer = await transport.send(callOf(request, settings));
      return jsonOf(answer, callName(method, path), settings.now());
    },

    async *lines(request) {
      const { method, path, signal } = request;
      const { body, ...head } = await transport.open(callOf(request, settings));
      if (head.status >= 400) {
        const answer = { ...head, text: await body.text() };
        throw apiError(answer, callName(method, path), settings.now());
      }
      // Whoever stops reading lets go of the connection: the loop below destroys the body.
      const decoder = new TextDecoder();
      let rest = '';
      try {
        for await (const chunk of body) {
          const bytes: Uint8Array = chunk;
          const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
          rest = lines.pop() ?? '';
          yield* lines.filter((line) => line !== '');
        }
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error;
      }
      rest += decoder.decode();
      if (rest !== '') yield rest;
    },
  };
}

function callOf(request: RestRequest, settings: RestSettings): HttpCall {
  const { method, path, isOnSite, query = {}, body, bytes, signal } = request;
  const { apiEndpoint } = settings;
  // Whoever has another address for the API has the site behind the same one.
  const base = isOnSite && apiEndpoint === API ? SITE : apiEndpoint;
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const mark = path.includes('?') ? '&' : '?';
  const whole = parameters === '' ? path : `${path}${mark}${parameters}`;
  return {
    method,
    url: `${base}${inTeam(whole, settings.team)}`,
    headers: {
      authorization: `Bearer ${settings.token()}`,
      accept: 'application/json',
      ...(bytes !== undefined
        ? bytes.headers
        : body === undefined
          ? {}
          : { 'content-type': 'application/json' }),
    },
    ...(bytes !== undefined
      ? { body: bytes.data }
      : body === undefined
        ? {}
        : { body: JSON.stringify(body) }),
    signal,
  };
}
