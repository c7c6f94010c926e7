import { sameJson } from 'polyfaas/spi';
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import { unlessMissing } from '../failures.ts';
import { AUTHORIZER_NAME } from '../names.ts';
import { everyPage } from '../pages.ts';
import { PAGE_SIZE } from './find-api.ts';
import type { ApiScope } from './put-api.ts';
import type { AuthorizerWish } from './wish.ts';

export interface Authorizers {
  /** By name. */
  readonly ids: ReadonlyMap<string, string>;
  /** To be taken away once no route names them. */
  readonly extra: readonly string[];
}

export async function convergeAuthorizers(
  scope: ApiScope,
  wished: readonly AuthorizerWish[],
  isNew: boolean,
): Promise<Authorizers> {
  const present = isNew ? [] : await readAuthorizers(scope);
  const ids = new Map<string, string>();
  const { apigateway, apiId, options } = scope;
  for (const wish of wished) {
    const found = present.find((one) => isAsWished(one, wish));
    const id =
      found?.AuthorizerId ??
      (
        await apigateway.createAuthorizer(
          {
            ApiId: apiId,
            AuthorizerType: 'JWT',
            Name: wish.name,
            IdentitySource: ['$request.header.Authorization'],
            JwtConfiguration: { Issuer: wish.issuer, Audience: [...wish.audience] },
          },
          options,
        )
      ).AuthorizerId;
    ids.set(wish.name, id ?? '');
  }
  const used = new Set(ids.values());
  const extra = present.flatMap(({ AuthorizerId = '', Name = '' }) =>
    used.has(AuthorizerId) || !AUTHORIZER_NAME.test(Name) ? [] : [AuthorizerId],
  );
  return { ids, extra };
}

/** The ids of those that are there as wished, by name. */
export async function knownAuthorizers(
  scope: ApiScope,
  wished: readonly AuthorizerWish[],
): Promise<ReadonlyMap<string, string>> {
  if (wished.length === 0) return new Map();
  const present = await readAuthorizers(scope);
  return new Map(
    wished.flatMap((wish) => {
      const id = present.find((one) => isAsWished(one, wish))?.AuthorizerId;
      return id === undefined ? [] : [[wish.name, id] as const];
    }),
  );
}

export async function deleteExtraAuthorizers(
  { apigateway, apiId, options }: ApiScope,
  extra: readonly string[],
): Promise<void> {
  for (const id of extra) {
    await unlessMissing(apigateway.deleteAuthorizer({ ApiId: apiId, AuthorizerId: id }, options));
  }
}

function readAuthorizers({ apigateway, apiId, options }: ApiScope): Promise<readonly Authorizer[]> {
  return everyPage((token) =>
    apigateway.getAuthorizers(
      { ApiId: apiId, MaxResults: PAGE_SIZE, ...(token === undefined ? {} : { NextToken: token }) },
      options,
    ),
  );
}

function isAsWished(found: Authorizer, wish: AuthorizerWish): boolean {
  return (
    found.Name === wish.name &&
    found.AuthorizerType === 'JWT' &&
    found.JwtConfiguration?.Issuer === wish.issuer &&
    sameJson((found.JwtConfiguration.Audience ?? []).toSorted(), [...wish.audience].toSorted())
  );
}
