import type { FunctionRecord } from '../../record.ts';
import { LIVE } from '../../model.ts';
import { statementProblem, type DriftScope, type Problem } from '../drift/scope.ts';
import { ifThere } from '../failures.ts';
import { statementId } from '../names.ts';
import { URL_STATEMENTS } from '../permission.ts';
import { knownAuthorizers } from './authorizers.ts';
import { apiSourceArn, findApis } from './find-api.ts';
import { isOpen, origin } from './function-url.ts';
import { httpMode } from './mode.ts';
import { readIntegration, type ApiScope } from './put-api.ts';
import { hasRoutes } from './routes.ts';
import { isStageAsWished } from './stage.ts';
import { apiWish } from './wish.ts';

/** What is wrong with what serves the routes, or undefined. */
export async function httpDrift(scope: DriftScope, record: FunctionRecord): Promise<Problem> {
  return httpMode(record.bindings) === 'url' ? urlDrift(scope, record) : apiDrift(scope, record);
}

async function urlDrift(scope: DriftScope, { url }: FunctionRecord): Promise<Problem> {
  const { aws, target, call } = scope;
  const lambda = await aws.lambda();
  const found = await ifThere(
    lambda.getFunctionUrlConfig(
      { FunctionName: target.physicalName, Qualifier: LIVE },
      { abortSignal: call.signal },
    ),
  );
  if (found === undefined) return 'the URL of the function is gone';
  if (origin(found.FunctionUrl) !== url) return 'the function has another URL';
  if (!isOpen(found)) return 'the URL of the function has other settings';
  for (const id of URL_STATEMENTS) {
    const problem = await statementProblem(scope, id);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function apiDrift(scope: DriftScope, { bindings, url }: FunctionRecord): Promise<Problem> {
  const { aws, target, call } = scope;
  const apigateway = await aws.apigateway();
  const [api] = await findApis(apigateway, target, call);
  if (api?.ApiId === undefined) return 'the API of the function is gone';
  if (origin(api.ApiEndpoint) !== url) return 'the function has another API';
  const { ApiId: apiId } = api;
  const wish = apiWish(target, bindings);
  const within: ApiScope = { apigateway, target, apiId, options: { abortSignal: call.signal } };
  const [integration, authorizers, isStaged] = await Promise.all([
    readIntegration(within),
    knownAuthorizers(within, wish.authorizers),
    isStageAsWished(within, wish),
  ]);
  if (integration.id === undefined) return 'the API does not lead to the function';
  if (!(await hasRoutes(within, wish.routes, authorizers, integration.id))) {
    return 'the API has other routes';
  }
  if (!isStaged) return 'the API has other limits or rules';
  return statementProblem(scope, statementId('http', apiSourceArn(target, apiId)));
}
