/** All functions that the gateway serves, and what is made ready for each of their routes. */
import { CorsRules, KeySet, RouteError, RouteTrie, TokenVerifier } from 'polyfaas/http';
import {
  ServerlessError,
  type Clock,
  type FunctionRef,
  type JsonObject,
  type NormalHttpEvent,
} from 'polyfaas/spi';
import type { GatewayRoute } from '../ports.ts';
import { hostName } from './host-name.ts';
import { TokenBucket } from './token-bucket.ts';

/** One route, ready for requests. */
export interface ReadyRoute {
  readonly path: string;
  readonly cors: CorsRules | undefined;
  readonly bucket: TokenBucket | undefined;
  readonly verifier: TokenVerifier | undefined;
  readonly maxBodyBytes: number;
}

/** One function with at least one route. */
export interface ServedFunction {
  readonly ref: FunctionRef;
  readonly trie: RouteTrie<ReadyRoute>;
  readonly routes: ReadonlyMap<string, ReadyRoute>;
}

/** What a Host header leads to. */
export type HostTarget =
  | { readonly kind: 'function'; readonly served: ServedFunction }
  /** No origin of a function: the path says which one. */
  | { readonly kind: 'prefix' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'malformed' };

const PREFIX = { kind: 'prefix' } as const;
const REFUSED = { kind: 'refused' } as const;
const MALFORMED = { kind: 'malformed' } as const;
const MEMO_SIZE = 1_000;

export interface RouteTableSettings {
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly letsIn: (hostName: string) => boolean;
  readonly warn: (message: string, fields: JsonObject) => void;
}

export class RouteTable {
  readonly #settings: RouteTableSettings;
  readonly #byKey = new Map<string, ServedFunction>();
  readonly #byHost = new Map<string, ServedFunction>();
  readonly #hostMemo = new Map<string, HostTarget>();
  readonly #keySets = new Map<string, KeySet>();

  constructor(settings: RouteTableSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Makes a function's routes ready without serving them yet; undefined when none is enabled. */
  prepare(ref: FunctionRef, routes: readonly GatewayRoute[]): ServedFunction | undefined {
    const enabled = routes.filter((route) => route.event.enabled);
    if (enabled.length === 0) return undefined;
    const before = this.#byKey.get(keyOf(ref))?.routes;
    const ready = new Map(
      enabled.map((route) => [
        route.bindingId,
        this.#ready(route.event, before?.get(route.bindingId)),
      ]),
    );
    const declared = enabled.flatMap((route) => {
      const value = ready.get(route.bindingId);
      const { path, methods } = route.event;
      return value ? [{ id: route.bindingId, path, methods, value }] : [];
    });
    return { ref, trie: compiled(ref, declared), routes: ready };
  }

  /** Serves a prepared function from now on, or none in its place. */
  put(ref: FunctionRef, served: ServedFunction | undefined): void {
    if (served) this.#byKey.set(keyOf(ref), served);
    else this.#byKey.delete(keyOf(ref));
    this.#byHost.clear();
    this.#hostMemo.clear();
    for (const each of this.#byKey.values()) this.#addHost(each);
  }

  has(ref: FunctionRef): boolean {
    return this.#byKey.has(keyOf(ref));
  }

  /** @param key `<app>/<stage>/<function>` */
  byKey(key: string): ServedFunction | undefined {
    return this.#byKey.get(key);
  }

  /** @param header the raw Host header. */
  byHost(header: string): HostTarget {
    const known = this.#hostMemo.get(header);
    if (known) return known;
    const target = this.#judgeHost(header);
    if (this.#hostMemo.size < MEMO_SIZE) this.#hostMemo.set(header, target);
    return target;
  }

  #judgeHost(header: string): HostTarget {
    const name = hostName(header);
    // The handler's request has a URL with this host.
    if (name === undefined || !URL.canParse(`http://${header}`)) return MALFORMED;
    const served = this.#byHost.get(name);
    if (served) return { kind: 'function', served };
    return this.#settings.letsIn(name) ? PREFIX : REFUSED;
  }

  #addHost(served: ServedFunction): void {
    const { name, stage, app } = served.ref;
    // Clients send host names in lower case.
    const host = `${name}.${stage}.${app}.localhost`.toLowerCase();
    const other = this.#byHost.get(host);
    if (other) {
      this.#settings.warn(
        `The functions "${other.ref.name}" and "${name}" have the same host name; it leads to the first. Use the address with the path prefix for the second.`,
        { host },
      );
      return;
    }
    this.#byHost.set(host, served);
  }

  #ready(event: NormalHttpEvent, before: ReadyRoute | undefined): ReadyRoute {
    const { cors, jwt, rateLimit, maxBodyBytes = Infinity } = event;
    return {
      path: event.path,
      cors: cors && new CorsRules(cors),
      bucket: rateLimit && this.#bucket(rateLimit, before?.bucket),
      verifier: jwt && new TokenVerifier(jwt, this.#keySet(jwt.jwksUri), this.#settings.clock),
      // What was deployed before the setting was lowered may allow more.
      maxBodyBytes: Math.min(maxBodyBytes, this.#settings.maxBodyBytes),
    };
  }

  /** An unchanged limit keeps its count: a deploy is no way around it. */
  #bucket(
    limit: { readonly requestsPerSecond: number; readonly burst: number },
    before: TokenBucket | undefined,
  ): TokenBucket {
    const same =
      before?.requestsPerSecond === limit.requestsPerSecond && before.burst === limit.burst;
    return same
      ? before
      : new TokenBucket(limit.requestsPerSecond, limit.burst, this.#settings.clock.now());
  }

  #keySet(uri: string): KeySet {
    let keys = this.#keySets.get(uri);
    if (!keys) this.#keySets.set(uri, (keys = new KeySet(uri, this.#settings.clock)));
    return keys;
  }
}

export function keyOf(ref: FunctionRef): string {
  return `${ref.app}/${ref.stage}/${ref.name}`;
}

/** @throws ServerlessError INVALID_ARGUMENT for a bad path, and for two routes that take the same requests. */
function compiled(
  ref: FunctionRef,
  routes: ConstructorParameters<typeof RouteTrie<ReadyRoute>>[0],
): RouteTrie<ReadyRoute> {
  try {
    return new RouteTrie(routes);
  } catch (cause) {
    if (!(cause instanceof RouteError)) throw cause;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      function: ref.name,
      message: cause.message,
      details: cause.details,
      cause,
    });
  }
}
