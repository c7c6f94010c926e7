import { sameJson } from 'polyfaas/spi';
import type { GetStageCommandOutput, RouteSettings } from '@aws-sdk/client-apigatewayv2';
import { POLICY_VARIABLE } from '../../route-policy.ts';
import { ifThere, unlessMissing } from '../failures.ts';
import { ownerTags } from '../tags.ts';
import type { ApiScope } from './put-api.ts';
import type { ApiWish, RouteWish } from './wish.ts';

/** The stage without a name in the path. */
const STAGE_NAME = '$default';

/** Makes the stage, or brings its limits and variables into line. */
export async function convergeStage(
  scope: ApiScope,
  wish: ApiWish,
  /** Keys of routes of ours that are about to go. */
  extraKeys: readonly string[],
  isNew: boolean,
): Promise<void> {
  const { apigateway, apiId, options, target } = scope;
  const settings = routeSettings(wish.routes);
  const name = { ApiId: apiId, StageName: STAGE_NAME };
  const present = isNew ? undefined : await ifThere(apigateway.getStage(name, options));
  if (present === undefined) {
    await apigateway.createStage(
      {
        ...name,
        AutoDeploy: true,
        RouteSettings: settings,
        StageVariables: wish.variables,
        Tags: ownerTags(target),
      },
      options,
    );
    return;
  }
  const variables = variableChanges(wish.variables, present.StageVariables ?? {});
  if (!isAsWished(present, wish)) {
    await apigateway.updateStage(
      { ...name, AutoDeploy: true, RouteSettings: settings, StageVariables: variables },
      options,
    );
  }
  const ownKeys = new Set([...extraKeys, ...wish.routes.map(({ key }) => key)]);
  for (const key of extraSettings(settings, ownKeys, present)) {
    await unlessMissing(apigateway.deleteRouteSettings({ ...name, RouteKey: key }, options));
  }
}

/** True when the stage is there as wished. */
export async function isStageAsWished(
  { apigateway, apiId, options }: ApiScope,
  wish: ApiWish,
): Promise<boolean> {
  const name = { ApiId: apiId, StageName: STAGE_NAME };
  const present = await ifThere(apigateway.getStage(name, options));
  return present !== undefined && isAsWished(present, wish);
}

function isAsWished(present: GetStageCommandOutput, wish: ApiWish): boolean {
  const limits = Object.entries(routeSettings(wish.routes));
  return (
    present.AutoDeploy === true &&
    Object.keys(variableChanges(wish.variables, present.StageVariables ?? {})).length === 0 &&
    limits.every(([key, one]) => sameLimits(one, present.RouteSettings?.[key]))
  );
}

/** Both numbers, always: the service takes 0 for one that is left out. */
function routeSettings(routes: readonly RouteWish[]): Record<string, RouteSettings> {
  return Object.fromEntries(
    routes.flatMap(({ key, throttle }) =>
      throttle === null
        ? []
        : [[key, { ThrottlingBurstLimit: throttle.burst, ThrottlingRateLimit: throttle.rate }]],
    ),
  );
}

function sameLimits(wished: RouteSettings, present: RouteSettings | undefined): boolean {
  return sameJson(
    [wished.ThrottlingBurstLimit, wished.ThrottlingRateLimit],
    [present?.ThrottlingBurstLimit, present?.ThrottlingRateLimit],
  );
}

function extraSettings(
  settings: Readonly<Record<string, RouteSettings>>,
  ownKeys: ReadonlySet<string>,
  present: GetStageCommandOutput,
): readonly string[] {
  return Object.keys(present.RouteSettings ?? {}).filter(
    (key) => ownKeys.has(key) && !(key in settings),
  );
}

/** What differs; an empty text takes a variable away. Those that are not ours stay. */
function variableChanges(
  wished: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): Record<string, string> {
  const changed = Object.entries(wished).filter(([name, value]) => present[name] !== value);
  const gone = Object.keys(present).filter(
    (name) => name.startsWith(POLICY_VARIABLE) && !(name in wished),
  );
  return Object.fromEntries([...changed, ...gone.map((name) => [name, ''] as const)]);
}
