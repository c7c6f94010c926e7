import type { CallContext } from 'polyfaas/spi';
import type { Api, ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import type { Target } from '../../model.ts';
import { placeOf } from '../arn.ts';
import { everyPage } from '../pages.ts';
import { isOurs } from '../tags.ts';

/** Our APIs of the function, the oldest first. Names are not unique, so the tags decide. */
export async function findApis(
  apigateway: ApiGatewayV2,
  target: Target,
  call: CallContext,
): Promise<readonly Api[]> {
  const all = await everyPage((token) =>
    apigateway.getApis(
      { MaxResults: PAGE_SIZE, ...(token === undefined ? {} : { NextToken: token }) },
      { abortSignal: call.signal },
    ),
  );
  return all
    .filter(({ Name, Tags }) => Name === target.physicalName && isOurs(target, Tags))
    .toSorted((a, b) => (a.CreatedDate?.getTime() ?? 0) - (b.CreatedDate?.getTime() ?? 0));
}

export const PAGE_SIZE = '100';

/** One statement covers every route and stage: a policy has room for few (Lambda quotas, 20 KB). */
export function apiSourceArn(target: Target, apiId: string): string {
  const { partition, region, account } = placeOf(target);
  return `arn:${partition}:execute-api:${region}:${account}:${apiId}/*/*`;
}
