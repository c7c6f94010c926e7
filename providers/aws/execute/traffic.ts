/** Waits until the version that an alias was moved to has its traffic. */
import type {
  AliasConfiguration,
  GetProvisionedConcurrencyConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { ServerlessError, type CallContext, type StepResult } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE, type Target } from '../model.ts';
import { ifThere } from '../replies.ts';
import { rollsFrom } from '../rolling.ts';
import { again } from './input.ts';
import { conflict } from './settle.ts';

/** All of the traffic, to one version. */
interface Move {
  readonly target: Target;
  readonly version: string;
  /** A later step changes how many instances stand ready. */
  readonly changesCapacity: boolean;
}

/** How far a move has come. */
interface Progress {
  readonly alias: AliasConfiguration;
  /** What keeps the traffic meanwhile. */
  readonly before: string | undefined;
  /** The instances that are waited for; undefined where none are. */
  readonly capacity: GetProvisionedConcurrencyConfigCommandOutput | undefined;
}

export async function readProgress(
  aws: AwsClients,
  { target }: Move,
  { signal }: CallContext,
): Promise<Progress> {
  const lambda = await aws.lambda();
  const http = { abortSignal: signal };
  const name = { FunctionName: target.physicalName };
  const alias = await lambda.getAlias({ ...name, Name: LIVE }, http);
  const before = rollsFrom(alias.RoutingConfig?.AdditionalVersionWeights);
  const capacity =
    before === undefined
      ? undefined
      : await ifThere(lambda.getProvisionedConcurrencyConfig({ ...name, Qualifier: LIVE }, http));
  return { alias, before, capacity };
}

/** True when the alias was moved there already, and instances are what it waits for: else the weight is a hand's. */
export function isMoving({ version }: Move, { alias, capacity }: Progress): boolean {
  return alias.FunctionVersion === version && capacity !== undefined && capacity.Status !== 'READY';
}

/** Done when the version has the traffic. @throws ServerlessError when it does not get it. */
export async function trafficMoved(
  aws: AwsClients,
  { target, version, changesCapacity }: Move,
  { alias, before, capacity }: Progress,
  call: CallContext,
): Promise<StepResult> {
  if (alias.FunctionVersion !== version) {
    throw conflict(target, 'another deploy made its version live');
  }
  if (before === undefined) return { done: true };
  if (capacity?.Status === 'FAILED') {
    const { StatusReason } = capacity;
    if (!changesCapacity || isFaultOfCode(StatusReason)) {
      const consequence = `Version ${before} keeps the traffic until those of version ${version} do.`;
      throw noneReady(target, StatusReason, consequence);
    }
    // For another number of them there may be room, and Lambda takes none while the version before has a weight.
    const lambda = await aws.lambda();
    await lambda.updateAlias(
      {
        FunctionName: target.physicalName,
        Name: LIVE,
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
        RevisionId: alias.RevisionId,
      },
      { abortSignal: call.signal },
    );
    return { done: true };
  }
  return again(call, {
    stage: 'waiting for instances of the new version, which then gets the traffic',
    keep: { settling: true },
    firstMs: 1000,
    longestMs: 10_000,
  });
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
