import type { Clock, FunctionRef, JsonObject } from 'polyfaas/spi';
import type { DispatchHttp, Gateway, GatewayOptions, GatewayRoute } from '../ports.ts';
import { Exchange, type ExchangeParts } from './exchange.ts';
import { hostRule, isLoopbackAddress } from './host-name.ts';
import { type ClientLimits, DEFAULT_CLIENT_LIMITS, Listener } from './listener.ts';
import { RouteTable, type ServedFunction, keyOf } from './route-table.ts';

const DEFAULT_GRACE_MS = 2_000;

/** What a gateway is made of. */
export interface GatewayParts {
  readonly options: GatewayOptions;
  readonly dispatch: DispatchHttp;
  readonly clock: Clock;
  readonly warn: (message: string, fields: JsonObject) => void;
  /** Default {@link DEFAULT_CLIENT_LIMITS}. */
  readonly clientLimits?: ClientLimits;
}

/** Makes the gateway of the local provider. It listens once a function has a route. */
export function createGateway(parts: GatewayParts): Gateway {
  return new HttpGateway(parts);
}

class HttpGateway implements Gateway {
  readonly #parts: GatewayParts;
  readonly #table: RouteTable;
  readonly #exchangeParts: ExchangeParts;
  #listener: Listener | undefined;
  /** Listeners that end their last requests. */
  readonly #ending = new Set<Listener>();
  /** The port of an earlier listener, taken again where it is free: addresses stay the same over a redeploy. */
  #earlierPort: number | undefined;
  /** Changes come one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: GatewayParts) {
    const { options, dispatch, clock, warn } = parts;
    this.#parts = parts;
    this.#table = new RouteTable({
      maxBodyBytes: options.maxBodyBytes,
      letsIn: hostRule(options.host, options.allowedHosts),
      clock,
      warn,
    });
    this.#exchangeParts = { table: this.#table, dispatch, clock, warn };
  }

  setRoutes(ref: FunctionRef, routes: readonly GatewayRoute[]): Promise<void> {
    const change = this.#turn.then(() => this.#change(ref, routes));
    this.#turn = change.catch(() => {});
    return change;
  }

  url(ref: FunctionRef): string | undefined {
    if (!this.#listener || !this.#table.has(ref)) return undefined;
    return `http://${clientHost(this.#listener.host)}:${this.#listener.port}/~${keyOf(ref)}`;
  }

  async close(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    this.#closed = true;
    await this.#turn;
    this.#stopListening(graceMs);
    // Also those that were stopped before, with a grace of their own: the shorter one counts.
    await Promise.all(
      [...this.#ending].map((listener) => listener.stop(this.#parts.clock, graceMs)),
    );
  }

  async #change(ref: FunctionRef, routes: readonly GatewayRoute[]): Promise<void> {
    if (this.#closed) return;
    const served = this.#table.prepare(ref, routes);
    if (served) {
      // Before it listens, so that no request finds the first token check slow.
      if (needsTokens(served)) {
        await Promise.all([import('jose/jwt/verify'), import('jose/jwks/local')]);
      }
      this.#listener ??= await this.#listen();
    }
    this.#table.put(ref, served);
    // What is under way ends by itself: it has the time of its function, as it has while others have routes.
    if (this.#table.size === 0) this.#stopListening();
  }

  async #listen(): Promise<Listener> {
    const { options, warn } = this.#parts;
    if (!isLoopbackAddress(options.host)) {
      warn('The gateway can be reached from other machines', { host: options.host });
    }
    const listener = await this.#start(options.host, options.port);
    this.#earlierPort = listener.port;
    return listener;
  }

  async #start(host: string, port: number): Promise<Listener> {
    const limits = this.#parts.clientLimits ?? DEFAULT_CLIENT_LIMITS;
    const parts = this.#exchangeParts;
    const start = (onPort: number): Promise<Listener> =>
      Listener.start(
        host,
        onPort,
        (request, response, expectsContinue) =>
          void new Exchange(parts, request, response, expectsContinue).run(),
        limits,
      );
    if (port !== 0 || this.#earlierPort === undefined) return start(port);
    return start(this.#earlierPort).catch(() => start(0));
  }

  #stopListening(graceMs?: number): void {
    const listener = this.#listener;
    if (!listener) return;
    this.#listener = undefined;
    this.#ending.add(listener);
    void listener.stop(this.#parts.clock, graceMs).then(() => this.#ending.delete(listener));
  }
}

function needsTokens(served: ServedFunction): boolean {
  return [...served.routes.values()].some((route) => route.verifier !== undefined);
}

/** The address that a client on this machine uses. */
function clientHost(listenHost: string): string {
  if (listenHost === '0.0.0.0' || listenHost === '::') return '127.0.0.1';
  return listenHost.includes(':') ? `[${listenHost}]` : listenHost;
}
