/** The connections to one origin. */
import type { Client } from 'undici';
import { Exchange, type ExchangeRequest } from './exchange.ts';

interface Waiting {
  readonly request: ExchangeRequest;
  readonly exchange: Exchange;
}

/**
 * Each connection carries one call at a time, and the one that was used last is used next: calls one after the other stay
 * on one connection, whose data the processor still has at hand. Undici's own pool would take the next, because it
 * counts a connection as busy until the event loop has turned.
 */
export class Connections {
  readonly #open: () => Client;
  readonly #most: number;
  readonly #all = new Set<Client>();
  readonly #idle: Client[] = [];
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  /**
   * @param open makes a client, which connects when it gets its first call.
   * @param most connections; further calls wait.
   */
  constructor(open: () => Client, most: number) {
    this.#open = open;
    this.#most = most;
  }

  /**
   * Sends a request and reads the whole answer.
   *
   * @throws the reason of the signal, at once; else the transport's own error.
   */
  send(request: ExchangeRequest, signal: AbortSignal): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(signal, resolve, reject, this.#ended);
      const client = this.#idle.pop() ?? this.#add();
      if (client === undefined) this.#waiting.push({ request, exchange });
      else start(client, request, exchange);
    });
  }

  /** Ends what is under way; it fails, as does whatever comes later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#idle.length = 0;
    const closing = [...this.#all].map((client) => client.destroy());
    this.#all.clear();
    for (const { request, exchange } of this.#waiting.splice(0)) {
      const client = this.#add();
      if (client) start(client, request, exchange);
    }
    await Promise.all(closing);
  }

  #add(): Client | undefined {
    if (this.#all.size >= this.#most) return undefined;
    const client = this.#open();
    if (this.#isClosed) {
      // It says what is wrong itself.
      void client.destroy();
      return client;
    }
    this.#all.add(client);
    client.on('disconnect', () => this.#drop(client));
    client.on('connectionError', () => this.#drop(client));
    return client;
  }

  /** A connection that ended while nobody used it. One in use is opened anew for the call that it has. */
  #drop(client: Client): void {
    const index = this.#idle.indexOf(client);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    this.#all.delete(client);
  }

  readonly #ended = ({ client }: Exchange): void => {
    if (this.#isClosed || client === undefined) return;
    if (this.#waiting.length === 0) this.#idle.push(client);
    // Not at once: the client is about to tidy up after the call that ended.
    else queueMicrotask(() => this.#next(client));
  };

  #next(client: Client): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (next.exchange.isAborted) continue;
      start(client, next.request, next.exchange);
      return;
    }
    if (!this.#isClosed) this.#idle.push(client);
  }
}

function start(client: Client, request: ExchangeRequest, exchange: Exchange): void {
  exchange.client = client;
  client.dispatch(request, exchange);
}
