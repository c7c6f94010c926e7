/**
 * What API Gateway cannot do for a route, and the shim does: cross-origin rules, the limit of a body, 405 for a method
 * that a path does not take, and tokens that need several scopes. The rules travel in the stage's variables, which
 * come with every request of payload format 2.0. The planner makes the same routes of them. Imports only types, so
 * that the shim can use it.
 *
 * A stage has at most 100 variables of at most 512 characters each (API Gateway developer guide, "Quotas for
 * configuring and running an HTTP API").
 */
import type { Complete, Binding, CorsSpec, HttpMethod, NormalHttpEvent } from 'polyfaas/spi';

/** The rules of one binding. */
export interface RouteRules {
  /** The id of the binding. */
  readonly binding: string;
  /** Sorted; `['ANY']` for all. */
  readonly methods: readonly HttpMethod[];
  /** As declared: `/orders/{id}`. */
  readonly path: string;
  readonly cors?: Complete<CorsSpec>;
  readonly maxBodyBytes?: number;
  /** All of them must be in the token's scope; API Gateway only sees to it that one of them is. */
  readonly scopes?: readonly string[];
}

/** What to do with a request that came in by one route. */
export interface RoutePolicy extends RouteRules {
  /**
   * `handler`: call it. `preflight`: answer 204 with the rules of `crossOrigin` for the method that the browser asks
   * for. `notAllowed`: answer 405 with `methods` as `allow`; an `OPTIONS` request with an origin is a preflight.
   */
  readonly answers: 'handler' | 'preflight' | 'notAllowed';
  /** All cross-origin rules of the path, by method. */
  readonly crossOrigin: readonly {
    readonly methods: readonly HttpMethod[];
    readonly cors: Complete<CorsSpec>;
  }[];
}

/** One route of the API. */
export interface Route {
  /** `GET /orders/{id}` */
  readonly key: string;
  readonly policy: RoutePolicy;
}

/** The default route takes `/` too, which a greedy variable of API Gateway does not match. */
export const EVERY_PATH = '/{path+}';
/** `polyfaas0`, `polyfaas1`, ... hold the rules. */
export const POLICY_VARIABLE = 'polyfaas';
export const MAX_POLICY_VARIABLES = 100;

const VALUE_LENGTH = 512;

/** Makes the stage variables of all http bindings that are enabled. */
export function encodeRoutePolicies(
  bindings: readonly Binding[],
): Readonly<Record<string, string>> {
  const rules = rulesOf(bindings).map(
    ({ binding, methods, path, cors, maxBodyBytes, scopes }): PackedRules => [
      binding,
      methods,
      path,
      cors ?? null,
      maxBodyBytes ?? null,
      scopes ?? null,
    ],
  );
  const packed = Buffer.from(JSON.stringify(rules)).toString('base64url');
  // The number of parts stands in front, so that parts left over from longer rules do no harm.
  const count = Math.ceil((packed.length + 4) / VALUE_LENGTH);
  const text = `${String(count).padStart(3, '0')}.${packed}`;
  const variables: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) {
    variables[`${POLICY_VARIABLE}${index}`] = text.slice(
      index * VALUE_LENGTH,
      (index + 1) * VALUE_LENGTH,
    );
  }
  return variables;
}

/**
 * What to do with a request, by the `routeKey` of its event. Undefined without `stageVariables`: it came by the
 * function's URL, and every path is the one binding's. Undefined with them means that the stage does not tell the rules
 * of this route yet; a request whose rules are not known is better answered with 503 than served.
 */
export function readRoutePolicy(
  stageVariables: Readonly<Record<string, string>> | undefined,
  routeKey: string,
): RoutePolicy | undefined {
  return routesIn(stageVariables)?.get(routeKey);
}

/** The keys of all routes that the stage tells of, `GET /orders/{id}`; none for a function URL. */
export function readRouteKeys(
  stageVariables: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  return [...(routesIn(stageVariables)?.keys() ?? [])];
}

/** The rules of the bindings that are routes and enabled. */
export function rulesOf(bindings: readonly Binding[]): readonly RouteRules[] {
  return bindings.flatMap(({ id, event }) =>
    event.type === 'http' && event.enabled ? [rulesOfEvent(id, event)] : [],
  );
}

/** All routes that the rules need: their own, and those beside them that the shim answers. */
export function routesOf(rules: readonly RouteRules[]): readonly Route[] {
  const routes = new Map<string, Route>();
  const add = (method: string, path: string, policy: RoutePolicy): void => {
    for (const part of path === EVERY_PATH ? [path, '/'] : [path]) {
      const key = `${method} ${part}`;
      if (!routes.has(key)) routes.set(key, { key, policy });
    }
  };
  const paths = byShape(rules);
  for (const group of paths) {
    const crossOrigin = group.flatMap(({ methods, cors }) => (cors ? [{ methods, cors }] : []));
    const taken = new Set(group.flatMap(({ methods }) => methods));
    const all = allowedMethods(taken, crossOrigin.length > 0);
    const [first] = group;
    if (first === undefined) continue;
    for (const one of group) {
      const policy: RoutePolicy = { ...one, answers: 'handler', crossOrigin };
      for (const method of one.methods) add(method, one.path, policy);
      // A GET route serves HEAD.
      if (one.methods.includes('GET') && !taken.has('HEAD') && !taken.has('ANY')) {
        add('HEAD', one.path, policy);
      }
    }
    const aside = { binding: first.binding, path: first.path, crossOrigin };
    if (crossOrigin.length > 0 && !taken.has('OPTIONS')) {
      add('OPTIONS', first.path, { ...aside, methods: all, answers: 'preflight' });
    }
    // Where a less exact route may take the other methods, API Gateway must get to it.
    const isCovered = paths.some((other) => other !== group && covers(other[0], first));
    if (!taken.has('ANY') && !isCovered) {
      add('ANY', first.path, { ...aside, methods: all, answers: 'notAllowed' });
    }
  }
  return [...routes.values()];
}

type PackedRules = readonly [
  binding: string,
  methods: readonly HttpMethod[],
  path: string,
  cors: Complete<CorsSpec> | null,
  maxBodyBytes: number | null,
  scopes: readonly string[] | null,
];

let lastRead: { text: string; routes: ReadonlyMap<string, RoutePolicy> } = {
  text: '',
  routes: new Map(),
};

function rulesOfEvent(id: string, event: NormalHttpEvent): RouteRules {
  const scopes = event.jwt?.scopes ?? [];
  return {
    binding: id,
    methods: event.methods,
    path: event.path,
    ...(event.cors === undefined ? {} : { cors: event.cors }),
    ...(event.maxBodyBytes === undefined ? {} : { maxBodyBytes: event.maxBodyBytes }),
    ...(scopes.length > 1 ? { scopes } : {}),
  };
}

function routesIn(
  stageVariables: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, RoutePolicy> | undefined {
  const text = stageVariables === undefined ? undefined : joined(stageVariables);
  if (text === undefined) return undefined;
  if (text !== lastRead.text) lastRead = { text, routes: decode(text) };
  return lastRead.routes;
}

function joined(variables: Readonly<Record<string, string>>): string | undefined {
  const head = variables[`${POLICY_VARIABLE}0`];
  const count = Number(head?.slice(0, 3));
  if (head === undefined || !(count >= 1) || head[3] !== '.') return undefined;
  const parts = Array.from(
    { length: count },
    (_, index) => variables[`${POLICY_VARIABLE}${index}`],
  );
  return parts.includes(undefined) ? undefined : parts.join('').slice(4);
}

function decode(text: string): ReadonlyMap<string, RoutePolicy> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return new Map();
  }
  if (!isPacked(value)) return new Map();
  const rules = value.map(([binding, methods, path, cors, maxBodyBytes, scopes]): RouteRules => ({
    binding,
    methods,
    path,
    ...(cors === null ? {} : { cors }),
    ...(maxBodyBytes === null ? {} : { maxBodyBytes }),
    ...(scopes === null ? {} : { scopes }),
  }));
  return new Map(routesOf(rules).map(({ key, policy }) => [key, policy]));
}

// Only this adapter writes these variables; a hand that changed them gets "no rules", never a crash.
function isPacked(value: unknown): value is readonly PackedRules[] {
  return Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length === 6);
}

function allowedMethods(
  taken: ReadonlySet<HttpMethod>,
  hasPreflight: boolean,
): readonly HttpMethod[] {
  const all = new Set(taken);
  if (all.has('GET')) all.add('HEAD');
  if (hasPreflight) all.add('OPTIONS');
  return [...all].toSorted();
}

/** Paths that match the same requests belong together: the names of parameters do not count. */
function byShape(rules: readonly RouteRules[]): readonly (readonly RouteRules[])[] {
  const groups = new Map<string, RouteRules[]>();
  for (const rule of rules) {
    const shape = rule.path.replaceAll(/\{[^}+]+\}/g, '{}').replace(/\{[^}]+\+\}$/, '{+}');
    const group = groups.get(shape);
    if (group) group.push(rule);
    else groups.set(shape, [rule]);
  }
  return [...groups.values()];
}

/** True when every request that the one path matches is matched by the other, less exact one too. */
function covers(wide: RouteRules | undefined, exact: RouteRules): boolean {
  if (wide === undefined) return false;
  if (wide.path === EVERY_PATH) return true;
  const outer = wide.path.split('/');
  const inner = exact.path.split('/');
  for (const [index, segment] of outer.entries()) {
    const other = inner[index];
    if (other === undefined) return false;
    if (segment.endsWith('+}')) return true;
    if (other.endsWith('+}')) return false;
    if (!segment.startsWith('{') && segment !== other) return false;
  }
  return outer.length === inner.length;
}
