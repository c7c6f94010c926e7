/** Lambda takes its time over a change: what to make of the state that it answers. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import {
  ServerlessError,
  type CallContext,
  type Classification,
  type StepResult,
} from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import type { Target } from '../model.ts';
import { again, keptOf } from './input.ts';

const FIRST_POLL_MS = 300;
const LONGEST_POLL_MS = 5000;

/** True while a change is under way, so that the next one would be refused. */
export function isBusy({ State, LastUpdateStatus }: FunctionConfiguration): boolean {
  return State === 'Pending' || LastUpdateStatus === 'InProgress';
}

/** True when the earlier turn of this step made the change, and only its end is waited for. */
export function isSettling(call: CallContext): boolean {
  return keptOf(call)['settling'] === true;
}

/** Done when the function, or one version of it, is ready. */
export function settled(
  target: Target,
  raw: FunctionConfiguration,
  call: CallContext,
  output: (ready: FunctionConfiguration) => Readonly<Record<string, string>>,
  keep: Readonly<Record<string, string>> = {},
): StepResult {
  refuseFailed(target, raw);
  if (!isBusy(raw)) return { done: true, output: output(raw) };
  return again(call, {
    stage: raw.LastUpdateStatus === 'InProgress' ? 'updating' : 'starting',
    keep: { settling: true, ...keep },
    firstMs: FIRST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
  });
}

export async function readConfiguration(
  aws: AwsClients,
  target: Target,
  call: CallContext,
  qualifier?: string,
): Promise<FunctionConfiguration> {
  const lambda = await aws.lambda();
  return lambda.getFunctionConfiguration(
    {
      FunctionName: target.physicalName,
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
    },
    { abortSignal: call.signal },
  );
}

/** @throws ServerlessError for a function that never came to be: no change helps it. */
export function refuseUnusable(target: Target, raw: FunctionConfiguration): void {
  if (raw.State === 'Failed') refuseFailed(target, raw);
}

/** Codes of Lambda's (API reference, `FunctionConfiguration`); all others are the declaration's fault. */
const FAILURES: Readonly<Record<string, Classification['code']>> = {
  InternalError: 'UNAVAILABLE',
  FunctionError: 'FUNCTION_FAILED',
  EniLimitExceeded: 'QUOTA_EXCEEDED',
  SubnetOutOfIPAddresses: 'QUOTA_EXCEEDED',
  InsufficientRolePermissions: 'PERMISSION_DENIED',
  KMSKeyAccessDenied: 'PERMISSION_DENIED',
  ImageAccessDenied: 'PERMISSION_DENIED',
};

function refuseFailed(target: Target, raw: FunctionConfiguration): void {
  const isFailed = raw.State === 'Failed' || raw.LastUpdateStatus === 'Failed';
  if (!isFailed) return;
  const [code, reason] =
    raw.State === 'Failed'
      ? [raw.StateReasonCode, raw.StateReason]
      : [raw.LastUpdateStatusReasonCode, raw.LastUpdateStatusReason];
  throw new ServerlessError({
    code: FAILURES[code ?? ''] ?? 'INVALID_ARGUMENT',
    retryable: code === 'InternalError',
    provider: 'aws',
    function: target.ref.name,
    message: `Lambda could not make "${target.ref.name}" ready: ${code ?? 'no code'}: ${reason ?? 'no reason given'}`,
    details: { reasonCode: code ?? null },
  });
}

export function conflict(target: Target, what: string): ServerlessError {
  return new ServerlessError({
    code: 'CONFLICT',
    provider: 'aws',
    function: target.ref.name,
    message: `"${target.ref.name}" was changed by somebody else while this deploy ran: ${what}. Run the same operation again to bring it to what you declared.`,
  });
}
