/** A pooled transport, loaded on first use. */
import { isLoopback, once, ServerlessError } from 'polyfaas/spi';
import type { Agent, Dispatcher } from 'undici';
import type { HttpAnswer } from './answer.ts';

export const USER_AGENT = 'polyfaas';
/** Connections to one origin. */
const MAX_CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 10_000;

export interface HttpCall {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}

/** An answer whose body has not come yet. */
export interface OpenAnswer extends Omit<HttpAnswer, 'text'> {
  readonly body: Dispatcher.ResponseData['body'];
}

export interface Transport {
  /** Rejects only where there is no answer at all; a status never rejects. */
  send(call: HttpCall): Promise<HttpAnswer>;
  /** Resolves as soon as the head of the answer is there. */
  open(call: HttpCall): Promise<OpenAnswer>;
  close(): Promise<void>;
}

/** What all connections of the adapter have in common: the call's own time counts, not that of the transport. */
export const AGENT_OPTIONS = {
  connections: MAX_CONNECTIONS,
  connect: { timeout: CONNECT_TIMEOUT_MS },
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

export function createTransport(): Transport {
  let agent: Agent | undefined;
  const load = once(async () => {
    const undici = await import('undici');
    agent = new undici.Agent(AGENT_OPTIONS);
    return { request: undici.request, dispatcher: agent };
  });
  const open = async ({ method, url, headers, body, signal }: HttpCall): Promise<OpenAnswer> => {
    refuseOpen(url);
    const { request, dispatcher } = await load();
    const reply = await request(url, {
      method,
      headers: { 'user-agent': USER_AGENT, ...headers },
      dispatcher,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return { status: reply.statusCode, headers: flatHeaders(reply.headers), body: reply.body };
  };
  return {
    open,
    async send(call) {
      const { body, ...head } = await open(call);
      return { ...head, text: await body.text() };
    },
    async close() {
      await agent?.destroy();
    },
  };
}

/** Names in lower case; what came more than once, with commas. */
export function flatHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')] as const],
  );
  return Object.fromEntries(flat);
}

/** Tokens and sources leave this machine only encrypted. */
export function refuseOpen(url: string): void {
  if (url.startsWith('https:') || isLoopback(url)) return;
  const where = URL.canParse(url) ? new URL(url).origin : 'that address';
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'vercel',
    message: `Refused to send anything over an open connection: ${where}. Use https in providerOptions.vercel.endpoints; http goes to this machine only.`,
  });
}
