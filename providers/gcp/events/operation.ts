/** Long-running operations of Eventarc: begun once, and then looked at from turn to turn. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { textAt } from '../clients/json.ts';
import { lookAtOperation, operationOf, type Operation } from '../execute/operation.ts';
import { send } from './rest.ts';
import { done } from './steps.ts';
import { again, keptOf } from './turn.ts';

/** True while a turn of the step follows an operation that an earlier turn began. */
export function isUnderWay(call: CallContext): boolean {
  return textAt(keptOf(call), 'operation') !== undefined;
}

/** Begins an operation. @param keep what is kept while it runs @throws OperationFailure */
export async function begin(
  gcp: GcpClients,
  request: Omit<RestRequest, 'signal'>,
  call: CallContext,
  stage: string,
  keep: JsonObject = {},
): Promise<StepResult> {
  const reply = await send(gcp, request, call);
  return progress(operationOf(reply), textAt(reply, 'name'), call, stage, keep);
}

/** Looks at the operation that an earlier turn began. @throws OperationFailure */
export async function follow(
  gcp: GcpClients,
  api: 'eventarc',
  call: CallContext,
  stage: string,
  keep: JsonObject = {},
): Promise<StepResult> {
  const name = textAt(keptOf(call), 'operation') ?? '';
  const found = await lookAtOperation(gcp, api, name, call);
  // Google forgets operations that are over: what they were about tells what became of them.
  return found === undefined ? again(call, stage) : progress(found, name, call, stage, keep);
}

function progress(
  { done: isDone, error }: Operation,
  name: string | undefined,
  call: CallContext,
  stage: string,
  keep: JsonObject,
): StepResult {
  if (error) throw error;
  if (isDone || name === undefined) return done();
  return again(call, stage, { ...keep, operation: name });
}
