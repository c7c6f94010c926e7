/** Long-running operations of Eventarc: begun once, and then looked at from turn to turn. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { numberAt, objectAt, textAt } from '../clients/json.ts';
import { pathOf } from './names.ts';
import { read, send } from './rest.ts';
import { done } from './steps.ts';
import { again, keptOf } from './turn.ts';

/** True while a turn of the step follows an operation that an earlier turn began. */
export function isUnderWay(call: CallContext): boolean {
  return textAt(keptOf(call), 'operation') !== undefined;
}

/** Begins an operation, or goes on with the one that an earlier turn began. */
export async function operate(
  gcp: GcpClients,
  request: Omit<RestRequest, 'signal'>,
  call: CallContext,
  stage: string,
): Promise<StepResult> {
  return isUnderWay(call)
    ? await follow(gcp, request.api, call, stage)
    : progress(await send(gcp, request, call), call, stage);
}

/** Looks at the operation that an earlier turn began. */
export async function follow(
  gcp: GcpClients,
  api: RestRequest['api'],
  call: CallContext,
  stage: string,
): Promise<StepResult> {
  const name = textAt(keptOf(call), 'operation') ?? '';
  const found = await read(gcp, { api, path: `/v1/${pathOf(name)}` }, call);
  // Google forgets operations that are over: what they were about tells what became of them.
  return found === undefined ? again(call, stage) : progress(found, call, stage);
}

function progress(operation: JsonObject, call: CallContext, stage: string): StepResult {
  const error = objectAt(operation, 'error');
  const code = numberAt(error, 'code') ?? 0;
  if (code !== 0) throw failure(code, textAt(error, 'message') ?? 'The operation failed.');
  const name = textAt(operation, 'name');
  if (operation['done'] === true || name === undefined) return done();
  return again(call, stage, { operation: name });
}

/** `google.rpc.Code`, and the HTTP status that goes with it. */
const CODES: Readonly<Record<number, readonly [status: number, code: string]>> = {
  3: [400, 'INVALID_ARGUMENT'],
  5: [404, 'NOT_FOUND'],
  6: [409, 'ALREADY_EXISTS'],
  7: [403, 'PERMISSION_DENIED'],
  8: [429, 'RESOURCE_EXHAUSTED'],
  9: [400, 'FAILED_PRECONDITION'],
  10: [409, 'ABORTED'],
  14: [503, 'UNAVAILABLE'],
};

function failure(number: number, message: string): GoogleApiError {
  const [status, code] = CODES[number] ?? [500, 'INTERNAL'];
  return new GoogleApiError(status, { code, message });
}
