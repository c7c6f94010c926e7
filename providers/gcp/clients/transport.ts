/** A pooled transport, loaded on first use. */
import { isLoopback, once, ServerlessError } from 'polyfaas/spi';
import type { Agent } from 'undici';
import type { HttpAnswer, HttpCall } from './index.ts';

export const USER_AGENT = 'polyfaas';
/** Connections to one origin. */
const MAX_CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 10_000;

export interface Transport {
  /** Rejects only where there is no answer at all; a status never rejects. */
  send(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(): Transport {
  let agent: Agent | undefined;
  const load = once(async () => {
    const undici = await import('undici');
    agent = new undici.Agent({
      connections: MAX_CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // The call's own time counts, not these.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { request: undici.request, dispatcher: agent };
  });
  return {
    async send({ method, url, headers = {}, body, signal }) {
      refuseOpen(url);
      const { request, dispatcher } = await load();
      const reply = await request(url, {
        method,
        headers: { 'user-agent': USER_AGENT, ...headers },
        dispatcher,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const flat = Object.entries(reply.headers).flatMap(([name, value]) =>
        value === undefined
          ? []
          : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
      );
      return {
        status: reply.statusCode,
        headers: Object.fromEntries(flat),
        text: await reply.body.text(),
      };
    },
    async close() {
      await agent?.destroy();
    },
  };
}

/** Tokens and sources leave this machine only encrypted. */
export function refuseOpen(url: string): void {
  if (url.startsWith('https:') || isLoopback(url)) return;
  const where = URL.canParse(url) ? new URL(url).origin : 'that address';
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'gcp',
    message: `Refused to send anything over an open connection: ${where}. Use https in providerOptions.gcp.endpoints; http goes to this machine only.`,
  });
}
