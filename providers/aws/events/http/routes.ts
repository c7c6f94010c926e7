import { sameJson } from 'polyfaas/spi';
import type { Route } from '@aws-sdk/client-apigatewayv2';
import { refusal, unlessMissing } from '../failures.ts';
import { everyPage } from '../pages.ts';
import { PAGE_SIZE } from './find-api.ts';
import type { ApiIntegration, ApiScope } from './put-api.ts';
import type { RouteWish } from './wish.ts';

export interface Routes {
  /** False when there is more to be done than fits into one turn. */
  readonly complete: boolean;
  readonly extra: readonly Route[];
}

/** API Gateway takes ten management calls a second from a whole account (quota "Throttling rate"), so turns are short. */
const CHANGES_PER_TURN = 20;

/** Makes and changes routes. Those that are too many stay until the stage names them no more. */
export async function convergeRoutes(
  scope: ApiScope,
  wished: readonly RouteWish[],
  authorizers: ReadonlyMap<string, string>,
  integration: ApiIntegration,
  isNew: boolean,
): Promise<Routes> {
  const { apigateway, apiId, options } = scope;
  const present = isNew ? [] : await readRoutes(scope);
  const byKey = new Map(present.map((route) => [route.RouteKey, route]));
  const keys = new Set(wished.map(({ key }) => key));
  let changes = 0;
  for (const wish of wished) {
    const found = byKey.get(wish.key);
    if (found !== undefined && isForeign(found, integration)) throw taken(scope, wish);
    const settings = settingsOf(wish, authorizers, integration.id);
    if (found !== undefined && isAsWished(found, settings)) continue;
    if (changes === CHANGES_PER_TURN) return { complete: false, extra: [] };
    changes += 1;
    if (found === undefined) {
      const { AuthorizerId, AuthorizationScopes, ...rest } = settings;
      await apigateway.createRoute(
        {
          ApiId: apiId,
          RouteKey: wish.key,
          ...rest,
          ...(AuthorizerId === '' ? {} : { AuthorizerId }),
          ...(AuthorizationScopes.length === 0 ? {} : { AuthorizationScopes }),
        },
        options,
      );
    } else {
      await apigateway.updateRoute({ ApiId: apiId, RouteId: found.RouteId, ...settings }, options);
    }
  }
  const extra = present.filter(
    (route) => !keys.has(route.RouteKey ?? '') && !isForeign(route, integration),
  );
  return { complete: true, extra };
}

/** True when every route is there as wished. */
export async function hasRoutes(
  scope: ApiScope,
  wished: readonly RouteWish[],
  authorizers: ReadonlyMap<string, string>,
  integrationId: string,
): Promise<boolean> {
  const byKey = new Map((await readRoutes(scope)).map((route) => [route.RouteKey, route]));
  return wished.every((wish) => {
    const found = byKey.get(wish.key);
    return found !== undefined && isAsWished(found, settingsOf(wish, authorizers, integrationId));
  });
}

/** Somebody else added it by hand: it leads to what is not the function, or nowhere. */
function isForeign({ Target }: Route, { foreign }: ApiIntegration): boolean {
  return Target === undefined || foreign.has(Target.replace(/^integrations\//, ''));
}

function taken({ target, apiId }: ApiScope, { key }: RouteWish): Error {
  return refusal(
    target,
    'ALREADY_EXISTS',
    `The API "${apiId}" of the function has a route "${key}" that polyfaas did not make and that leads elsewhere. Delete that route, or give the event another method or path.`,
  );
}

export async function deleteExtraRoutes(
  { apigateway, apiId, options }: ApiScope,
  extra: readonly Route[],
): Promise<void> {
  for (const { RouteId } of extra) {
    await unlessMissing(apigateway.deleteRoute({ ApiId: apiId, RouteId }, options));
  }
}

function readRoutes({ apigateway, apiId, options }: ApiScope): Promise<readonly Route[]> {
  return everyPage((token) =>
    apigateway.getRoutes(
      { ApiId: apiId, MaxResults: PAGE_SIZE, ...(token === undefined ? {} : { NextToken: token }) },
      options,
    ),
  );
}

/** All of a route; an empty text or list takes away what was there. */
interface RouteSettings {
  readonly Target: string;
  readonly AuthorizationType: 'JWT' | 'NONE';
  readonly AuthorizerId: string;
  readonly AuthorizationScopes: string[];
}

function settingsOf(
  { authorizer, scopes }: RouteWish,
  authorizers: ReadonlyMap<string, string>,
  integrationId: string,
): RouteSettings {
  return {
    Target: `integrations/${integrationId}`,
    AuthorizationType: authorizer === null ? 'NONE' : 'JWT',
    AuthorizerId: authorizer === null ? '' : (authorizers.get(authorizer) ?? ''),
    AuthorizationScopes: [...scopes],
  };
}

function isAsWished(found: Route, wished: RouteSettings): boolean {
  return (
    found.Target === wished.Target &&
    (found.AuthorizationType ?? 'NONE') === wished.AuthorizationType &&
    (found.AuthorizerId ?? '') === wished.AuthorizerId &&
    sameJson((found.AuthorizationScopes ?? []).toSorted(), wished.AuthorizationScopes.toSorted())
  );
}
