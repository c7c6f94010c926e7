import type { CallContext } from 'polyfaas/spi';
import type { Api, ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { statementId } from '../names.ts';
import { allow } from '../permission.ts';
import { again, done, inputOf } from '../steps.ts';
import { ownerTags } from '../tags.ts';
import { everyPage } from '../pages.ts';
import { apiSourceArn, findApis, PAGE_SIZE } from './find-api.ts';
import { origin } from './function-url.ts';
import { convergeRoutes, deleteExtraRoutes } from './routes.ts';
import { convergeStage } from './stage.ts';
import { convergeAuthorizers, deleteExtraAuthorizers } from './authorizers.ts';
import type { ApiWish } from './wish.ts';

/** HTTP APIs wait at most 30 s (API Gateway API reference, `CreateIntegration`). */
const INTEGRATION_TIMEOUT_MS = 30_000;

/** One API as the functions of this folder work on it. */
export interface ApiScope {
  readonly apigateway: ApiGatewayV2;
  readonly target: Target;
  readonly apiId: string;
  readonly options: { readonly abortSignal: AbortSignal };
}

/** Makes the API, or brings it into line: routes come before the stage names them, and go after it. Answers `{ url }`. */
export const putHttpApi: Executor = async (aws, step, call) => {
  const { target, api: wish } = inputOf<{ api: ApiWish }>(step);
  const apigateway = await aws.apigateway();
  const [found] = await findApis(apigateway, target, call);
  const api = found ?? (await createApi(apigateway, target, call));
  const apiId = api.ApiId ?? '';
  const sourceArn = apiSourceArn(target, apiId);
  await allow(
    aws,
    target,
    { id: statementId('http', sourceArn), principal: 'apigateway.amazonaws.com', sourceArn },
    call,
  );
  const scope: ApiScope = { apigateway, target, apiId, options: { abortSignal: call.signal } };
  // A new API has nothing to be read.
  const isNew = found === undefined;
  const integration = await ensureIntegration(scope, isNew);
  const authorizers = await convergeAuthorizers(scope, wish.authorizers, isNew);
  const routes = await convergeRoutes(scope, wish.routes, authorizers.ids, integration, isNew);
  if (!routes.complete) return again(call, 'setting routes');
  const extraKeys = routes.extra.map(({ RouteKey = '' }) => RouteKey);
  await convergeStage(scope, wish, extraKeys, isNew);
  await deleteExtraRoutes(scope, routes.extra);
  await deleteExtraAuthorizers(scope, authorizers.extra);
  return done({ url: origin(api.ApiEndpoint) });
};

async function createApi(
  apigateway: ApiGatewayV2,
  target: Target,
  call: CallContext,
): Promise<Pick<Api, 'ApiId' | 'ApiEndpoint'>> {
  return await apigateway.createApi(
    { Name: target.physicalName, ProtocolType: 'HTTP', Tags: ownerTags(target) },
    { abortSignal: call.signal },
  );
}

/** What the routes lead to. */
export interface ApiIntegration {
  readonly id: string;
  /** Ids of those that somebody else added: their routes are not ours. */
  readonly foreign: ReadonlySet<string>;
}

/** The one that leads to the function, with an undefined id when there is none. */
export async function readIntegration({
  apigateway,
  target,
  apiId,
  options,
}: ApiScope): Promise<Omit<ApiIntegration, 'id'> & { readonly id: string | undefined }> {
  const uri = aliasArn(target);
  const present = await everyPage((token) =>
    apigateway.getIntegrations(
      { ApiId: apiId, MaxResults: PAGE_SIZE, ...(token === undefined ? {} : { NextToken: token }) },
      options,
    ),
  );
  const found = present.find(
    ({ IntegrationUri, IntegrationType, PayloadFormatVersion }) =>
      IntegrationUri === uri && IntegrationType === 'AWS_PROXY' && PayloadFormatVersion === '2.0',
  );
  const foreign = new Set(
    present.flatMap(({ IntegrationUri, IntegrationId = '' }) =>
      IntegrationUri === uri ? [] : [IntegrationId],
    ),
  );
  return { id: found?.IntegrationId, foreign };
}

async function ensureIntegration(scope: ApiScope, isNew: boolean): Promise<ApiIntegration> {
  const { apigateway, target, apiId, options } = scope;
  const found = isNew ? undefined : await readIntegration(scope);
  const foreign = found?.foreign ?? new Set<string>();
  if (found?.id !== undefined) return { id: found.id, foreign };
  const made = await apigateway.createIntegration(
    {
      ApiId: apiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: aliasArn(target),
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: INTEGRATION_TIMEOUT_MS,
    },
    options,
  );
  return { id: made.IntegrationId ?? '', foreign };
}
