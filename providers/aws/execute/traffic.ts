/**
 * Where instances are kept ready for the alias, Lambda moves it by and by: until those of the new version are ready, it
 * puts a weight of 1 for the version before on the alias, which then has all of the traffic. Where they do not start, that
 * stays so (terraform-provider-aws, pull request 48116).
 */
import type { AliasConfiguration } from '@aws-sdk/client-lambda';
import { ServerlessError, type CallContext, type StepResult } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE, type Target } from '../model.ts';
import { ifThere } from '../replies.ts';
import { again } from './input.ts';

/** True while another version has all of the traffic: nobody asks for that. */
export function isRolling({ RoutingConfig }: AliasConfiguration): boolean {
  return Object.values(RoutingConfig?.AdditionalVersionWeights ?? {}).some(
    (weight) => weight === 1,
  );
}

/** Done when the version has the traffic. @throws ServerlessError when it does not get it. */
export async function trafficMoved(
  aws: AwsClients,
  target: Target,
  version: string,
  call: CallContext,
): Promise<StepResult> {
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  const found = await lambda.getAlias({ FunctionName: target.physicalName, Name: LIVE }, http);
  if (found.FunctionVersion !== version || !isRolling(found)) return { done: true };
  const live = { FunctionName: target.physicalName, Qualifier: LIVE };
  const capacity = await ifThere(lambda.getProvisionedConcurrencyConfig(live, http));
  if (capacity?.Status === 'FAILED') {
    const [before] = Object.keys(found.RoutingConfig?.AdditionalVersionWeights ?? {});
    throw noneReady(
      target,
      capacity.StatusReason,
      `Version ${before} keeps the traffic until those of version ${version} do.`,
    );
  }
  return again(call, {
    stage: 'waiting for instances of the new version, which then gets the traffic',
    keep: { settling: true },
    firstMs: 1000,
    longestMs: 10_000,
  });
}

/** Why Lambda keeps no instances ready. */
export function noneReady(
  target: Target,
  reason: string | undefined,
  consequence = '',
): ServerlessError {
  const failed = /FUNCTION_ERROR/.test(reason ?? '');
  const remedy = failed
    ? 'Deploy code that starts, or roll back.'
    : 'Lower minInstances, or ask AWS for more concurrency.';
  return new ServerlessError({
    code: failed ? 'FUNCTION_FAILED' : 'QUOTA_EXCEEDED',
    provider: 'aws',
    function: target.ref.name,
    message: [
      `Lambda could not keep instances of "${target.ref.name}" ready: ${reason ?? 'no reason given'}`,
      ...(consequence === '' ? [] : [consequence]),
      remedy,
    ].join(' '),
  });
}
