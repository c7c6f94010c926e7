/**
 * Long-running operations of Azure Resource Manager, one look at a time: the engine waits between the looks, on its own
 * clock, so that no poller of the vendor's is needed.
 */
import type { CallContext, JsonValue, StepResult } from 'polyfaas/spi';
import type { ArmReply, ArmRequest, AzureClients } from '../clients/index.ts';
import { AzureError } from './error.ts';
import { at, objectAt, textAt } from './json.ts';

/** What came of a call that may take long: its body when it is done, or what the engine has to wait for. */
export type Progress =
  | { readonly done: true; readonly body: JsonValue | undefined }
  | { readonly done: false; readonly result: Extract<StepResult, { readonly done: false }> };

const DEFAULT_POLL_MS = 2_000;
const MAX_POLL_MS = 30_000;

/**
 * Sends a request, or looks at the operation that an earlier `execute` of the step began (`call.resume`).
 *
 * @param request without its signal. Must be safe to repeat: a lost reply sends it again.
 * @param stage for the progress display: `creating the plan`.
 * @throws AzureError with the operation's own code when it failed.
 */
export async function operate(
  azure: AzureClients,
  call: CallContext,
  request: Omit<ArmRequest, 'signal'>,
  stage: string,
): Promise<Progress> {
  const { signal } = call;
  const resume = resumeOf(call.resume);
  if (resume === undefined) {
    const reply = await azure.arm({ ...request, signal });
    const next = operationOf(reply);
    if (next === undefined) return settle(request, reply, stage);
    return waiting(reply, { operation: next.url, form: next.form }, stage);
  }
  if (resume.operation === null) {
    const read = { path: request.path, signal, ...versionOf(request) };
    return settle(request, await azure.arm({ method: 'GET', ...read }), stage);
  }
  const reply = await azure.arm({ method: 'GET', path: resume.operation, signal });
  if (resume.form === 'location') {
    return reply.status === 202 ? waiting(reply, resume, stage) : { done: true, body: reply.body };
  }
  const state = textAt(reply.body, 'status') ?? '';
  if (isFailure(state)) throw failure(state, at(reply.body, 'error'), request);
  if (state.toLowerCase() !== 'succeeded') return waiting(reply, resume, stage);
  if (request.method === 'DELETE' || request.method === 'POST')
    return { done: true, body: reply.body };
  const read = await azure.arm({
    method: 'GET',
    path: request.path,
    signal,
    ...versionOf(request),
  });
  return { done: true, body: read.body };
}

interface Resume {
  /** Null: the resource itself tells its state. */
  readonly operation: string | null;
  readonly form: 'status' | 'location';
}

function versionOf({ apiVersion }: Pick<ArmRequest, 'apiVersion'>): { apiVersion?: string } {
  return apiVersion === undefined ? {} : { apiVersion };
}

/** A resource may be answered while it is still being made: `provisioningState` tells. */
function settle(request: Omit<ArmRequest, 'signal'>, reply: ArmReply, stage: string): Progress {
  const state = textAt(reply.body, 'properties', 'provisioningState') ?? '';
  const isOver = state === '' || state.toLowerCase() === 'succeeded';
  if (isFailure(state)) throw failure(state, at(reply.body, 'properties', 'error'), request);
  if (request.method === 'DELETE' || request.method === 'POST' || isOver) {
    return { done: true, body: reply.body };
  }
  return waiting(reply, { operation: null, form: 'status' }, stage);
}

function waiting(reply: ArmReply, resume: Resume, stage: string): Progress {
  const seconds = Number(reply.headers['retry-after']);
  const asked = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : DEFAULT_POLL_MS;
  return {
    done: false,
    result: {
      done: false,
      pollAfterMs: Math.min(asked, MAX_POLL_MS),
      resume: { operation: resume.operation, form: resume.form },
      stage,
    },
  };
}

function operationOf(reply: ArmReply): { url: string; form: Resume['form'] } | undefined {
  if (reply.status !== 201 && reply.status !== 202 && reply.status !== 200) return undefined;
  const status = reply.headers['azure-asyncoperation'];
  if (status !== undefined) return { url: status, form: 'status' };
  const { location } = reply.headers;
  return location !== undefined && reply.status === 202
    ? { url: location, form: 'location' }
    : undefined;
}

function isFailure(state: string): boolean {
  return /^(failed|canceled|cancelled)$/i.test(state);
}

function failure(
  state: string,
  error: JsonValue | undefined,
  { method, path }: Pick<ArmRequest, 'method' | 'path'>,
): AzureError {
  const code = textAt(error, 'code') || state;
  const message = textAt(error, 'message') || `The operation ended as ${state}.`;
  return new AzureError(409, code, `${method} ${path.split('?')[0]}: ${message}`);
}

function resumeOf(value: JsonValue | undefined): Resume | undefined {
  const { operation, form } = objectAt(value);
  if (operation !== null && typeof operation !== 'string') return undefined;
  return { operation, form: form === 'location' ? 'location' : 'status' };
}
