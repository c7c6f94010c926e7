/**
 * Where instances are kept ready for the alias, Lambda moves it by and by: until those of the new version are ready, it
 * puts a weight of 1 for the version before on the alias, which then has all of the traffic. Where they do not start, that
 * stays so (terraform-provider-aws, pull request 48116).
 */
import type {
  AliasConfiguration,
  GetProvisionedConcurrencyConfigCommandOutput,
} from '@aws-sdk/client-lambda';
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

/** True when the alias was moved there, and the version before it serves until instances stand ready. */
export async function isMoving(aws: AwsClients, move: Move, call: CallContext): Promise<boolean> {
  const found = await readAlias(aws, move, call);
  if (found.FunctionVersion !== move.version || !isRolling(found)) return false;
  // Where they do, or none are asked for, the weight is a hand's.
  const capacity = await readCapacity(aws, move, call);
  return capacity !== undefined && capacity.Status !== 'READY';
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
  const capacity = await readCapacity(aws, move, call);
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
    const lambda = await aws.lambda();
    await lambda.updateAlias({ ...alias, ...routing, RevisionId }, { abortSignal: call.signal });
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

/** What there is of the instances that are kept ready; undefined where none are asked for. */
async function readCapacity(
  aws: AwsClients,
  { target }: Move,
  { signal }: CallContext,
): Promise<GetProvisionedConcurrencyConfigCommandOutput | undefined> {
  const lambda = await aws.lambda();
  const live = { FunctionName: target.physicalName, Qualifier: LIVE };
  return ifThere(lambda.getProvisionedConcurrencyConfig(live, { abortSignal: signal }));
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
