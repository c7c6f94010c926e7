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
import { conflict } from './settle.ts';

/** True while another version has all of the traffic: nobody asks for that. */
export function isRolling({ RoutingConfig }: AliasConfiguration): boolean {
  return Object.values(RoutingConfig?.AdditionalVersionWeights ?? {}).some(
    (weight) => weight === 1,
  );
}

/** All of the traffic, to one version. */
interface Move {
  readonly target: Target;
  readonly version: string;
  /** A later step changes how many instances stand ready. */
  readonly changesCapacity: boolean;
}

/** True when the alias was moved there, and the version before it still serves. */
export async function isMoving(aws: AwsClients, move: Move, call: CallContext): Promise<boolean> {
  const found = await readAlias(aws, move, call);
  return found.FunctionVersion === move.version && isRolling(found);
}

/** Done when the version has the traffic. @throws ServerlessError when it does not get it. */
export async function trafficMoved(
  aws: AwsClients,
  move: Move,
  call: CallContext,
): Promise<StepResult> {
  const { target, version, changesCapacity } = move;
  const found = await readAlias(aws, move, call);
  if (found.FunctionVersion !== version) {
    throw conflict(target, 'another deploy made its version live');
  }
  if (!isRolling(found)) return { done: true };
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  const live = { FunctionName: target.physicalName, Qualifier: LIVE };
  const capacity = await ifThere(lambda.getProvisionedConcurrencyConfig(live, http));
  if (capacity?.Status === 'FAILED') {
    const { StatusReason } = capacity;
    const [before] = Object.keys(found.RoutingConfig?.AdditionalVersionWeights ?? {});
    // For another number of them there may be room, and Lambda takes none while the version before has a weight.
    if (!changesCapacity || isFaultOfCode(StatusReason)) {
      const consequence = `Version ${before} keeps the traffic until those of version ${version} do.`;
      throw noneReady(target, StatusReason, consequence);
    }
    const { RevisionId } = found;
    const alias = { FunctionName: target.physicalName, Name: LIVE, FunctionVersion: version };
    const routing = { RoutingConfig: { AdditionalVersionWeights: {} } };
    await lambda.updateAlias({ ...alias, ...routing, RevisionId }, http);
    return { done: true };
  }
  return again(call, {
    stage: 'waiting for instances of the new version, which then gets the traffic',
    keep: { settling: true },
    firstMs: 1000,
    longestMs: 10_000,
  });
}

async function readAlias(
  aws: AwsClients,
  { target }: Move,
  { signal }: CallContext,
): Promise<AliasConfiguration> {
  const lambda = await aws.lambda();
  return lambda.getAlias(
    { FunctionName: target.physicalName, Name: LIVE },
    { abortSignal: signal },
  );
}

function isFaultOfCode(reason: string | undefined): boolean {
  return /FUNCTION_ERROR/.test(reason ?? '');
}

/** Why Lambda keeps no instances ready. */
export function noneReady(
  target: Target,
  reason: string | undefined,
  consequence = '',
): ServerlessError {
  const failed = isFaultOfCode(reason);
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
