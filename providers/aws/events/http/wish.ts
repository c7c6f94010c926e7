/** What an API is to be. */
import { ServerlessError, type Binding, type NormalHttpEvent } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import {
  encodeRoutePolicies,
  MAX_POLICY_VARIABLES,
  routesOf,
  rulesOf,
  type Route,
} from '../../route-policy.ts';
import { authorizerName } from '../names.ts';

/** API Gateway quotas of an HTTP API. */
const MOST_ROUTES = 300;
const MOST_AUTHORIZERS = 10;

export interface RouteWish {
  readonly key: string;
  /** The name of its authorizer; null for an open route. */
  readonly authorizer: string | null;
  readonly scopes: readonly string[];
  readonly throttle: { readonly rate: number; readonly burst: number } | null;
}

export interface AuthorizerWish {
  readonly name: string;
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface ApiWish {
  readonly routes: readonly RouteWish[];
  readonly authorizers: readonly AuthorizerWish[];
  readonly variables: Readonly<Record<string, string>>;
}

/** The API for all http bindings that are enabled. */
export function apiWish(target: Target, bindings: readonly Binding[]): ApiWish {
  const events = new Map<string, NormalHttpEvent>();
  const authorizers = new Map<string, AuthorizerWish>();
  for (const { id, event } of bindings) {
    if (event.type !== 'http' || !event.enabled) continue;
    events.set(id, event);
    if (event.jwt === undefined) continue;
    const { issuer, audience } = event.jwt;
    const name = authorizerName(issuer, audience);
    authorizers.set(name, { name, issuer, audience });
  }
  const variables = encodeRoutePolicies(bindings);
  if (Object.keys(variables).length > MAX_POLICY_VARIABLES) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'aws',
      function: target.ref.name,
      message: `events: the rules of ${events.size} routes take ${Object.keys(variables).length} stage variables of API Gateway; at most ${MAX_POLICY_VARIABLES} are allowed. Join routes with a parameter ("/orders/{id}" or "/{rest+}"), share shorter lists of cors origins, or spread the routes over several functions.`,
    });
  }
  const routes = routesOf(rulesOf(bindings));
  refuseTooMany(target, 'routes', routes.length, MOST_ROUTES);
  refuseTooMany(target, 'authorizers', authorizers.size, MOST_AUTHORIZERS);
  return {
    routes: routes.map((route) => routeWish(route, events.get(route.policy.binding))),
    authorizers: [...authorizers.values()],
    variables,
  };
}

const JOIN = {
  routes: 'Join paths with a parameter ("/orders/{id}" or "/{rest+}")',
  authorizers: 'Share issuers and audiences between the events',
};

/** Before the first of them is made: an API with some of its routes serves nobody. */
function refuseTooMany(
  target: Target,
  what: 'routes' | 'authorizers',
  count: number,
  most: number,
): void {
  if (count <= most) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    function: target.ref.name,
    message: `events: the http events take ${count} ${what} of API Gateway${what === 'routes' ? ' (with those beside them for HEAD, preflights and methods that are not allowed)' : ''}; an API has at most ${most}. ${JOIN[what]}, or spread the events over several functions.`,
  });
}

/** Only what the handler answers is guarded: a preflight has no token, and 405 is no secret. */
function routeWish({ key, policy }: Route, event: NormalHttpEvent | undefined): RouteWish {
  if (policy.answers !== 'handler' || event === undefined) {
    return { key, authorizer: null, scopes: [], throttle: null };
  }
  const { jwt, rateLimit } = event;
  return {
    key,
    authorizer: jwt === undefined ? null : authorizerName(jwt.issuer, jwt.audience),
    scopes: jwt?.scopes ?? [],
    throttle:
      rateLimit === undefined
        ? null
        : { rate: rateLimit.requestsPerSecond, burst: rateLimit.burst },
  };
}
