/** Cross-origin rules of a route, made into header lists once. */
import type { Complete, CorsSpec, HttpMethod } from '../spec/types.ts';

const ALL_METHODS: readonly HttpMethod[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

/** Name, value, name, value ... */
type HeaderList = readonly string[];

const VARY_ORIGIN: HeaderList = ['vary', 'Origin'];
const VARY_PREFLIGHT: HeaderList = [
  'vary',
  'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
];

/** What a browser asks before it sends the request itself. */
export interface PreflightQuestion {
  readonly origin: string;
  readonly method: string;
  /** The raw `access-control-request-headers`. */
  readonly headers: string | undefined;
}

export class CorsRules {
  readonly #anyOrigin: boolean;
  readonly #byOrigin: ReadonlyMap<string, HeaderList>;
  readonly #anyHeader: HeaderList;
  readonly #methods: ReadonlySet<string>;
  readonly #headers: ReadonlySet<string>;
  readonly #maxAgeSeconds: string;

  constructor(spec: Complete<CorsSpec>) {
    this.#anyOrigin = spec.origins.includes('*');
    const expose: HeaderList =
      spec.exposeHeaders.length > 0
        ? ['access-control-expose-headers', spec.exposeHeaders.join(', ')]
        : [];
    // With `*`, credentials stay off: echoing any origin with credentials would open the route to every page.
    const credentials: HeaderList = spec.credentials
      ? ['access-control-allow-credentials', 'true']
      : [];
    this.#anyHeader = ['access-control-allow-origin', '*', ...expose];
    this.#byOrigin = new Map(
      spec.origins
        .filter((origin) => origin !== '*')
        .map((origin) => [
          origin,
          ['access-control-allow-origin', origin, ...credentials, ...expose, ...VARY_ORIGIN],
        ]),
    );
    this.#methods = new Set(spec.methods.includes('ANY') ? ALL_METHODS : spec.methods);
    this.#headers = new Set(spec.headers.map((name) => name.toLowerCase()));
    this.#maxAgeSeconds = String(spec.maxAgeSeconds);
  }

  /** Headers that go on every response of the route. */
  responseHeaders(origin: string | undefined): HeaderList {
    if (this.#anyOrigin) return this.#anyHeader;
    return (origin === undefined ? undefined : this.#byOrigin.get(origin)) ?? VARY_ORIGIN;
  }

  /** Headers of the answer to a preflight; no permission in them when origin, method or a header is not allowed. */
  preflightHeaders(question: PreflightQuestion): HeaderList {
    const allowed = this.#anyOrigin ? this.#anyHeader : this.#byOrigin.get(question.origin);
    const asked = requestedHeaders(question.headers);
    if (!allowed || !this.#allowsMethod(question.method) || !this.#allowsHeaders(asked)) {
      return VARY_PREFLIGHT;
    }
    const list = ['access-control-allow-methods', [...this.#methods].join(', ')];
    for (let index = 0; index < allowed.length; index += 2) {
      const name = allowed[index] ?? '';
      if (name === 'vary' || name === 'access-control-expose-headers') continue;
      list.push(name, allowed[index + 1] ?? '');
    }
    const names = this.#headers.has('*') ? asked : [...this.#headers];
    if (names.length > 0) list.push('access-control-allow-headers', names.join(', '));
    return [...list, 'access-control-max-age', this.#maxAgeSeconds, ...VARY_PREFLIGHT];
  }

  /** Who may GET may HEAD. Browsers do not look for it in the list of methods, for it is safelisted. */
  #allowsMethod(method: string): boolean {
    return this.#methods.has(method) || (method === 'HEAD' && this.#methods.has('GET'));
  }

  #allowsHeaders(names: readonly string[]): boolean {
    return this.#headers.has('*') || names.every((name) => this.#headers.has(name));
  }
}

function requestedHeaders(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
