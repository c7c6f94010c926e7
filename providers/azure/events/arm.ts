/** Reading and writing resources, for the executors of event sources. */
import type { CallContext, ErrorCode, JsonObject, JsonValue, StepResult } from 'polyfaas/spi';
import { ServerlessError } from 'polyfaas/spi';
import { pages, read as readResource } from '../arm/calls.ts';
import { objectAt, textAt } from '../arm/json.ts';
import { operate } from '../arm/operation.ts';
import type { AzureClients } from '../clients/index.ts';
import { isMissing } from '../errors.ts';
import { keptOf } from '../arm/turn.ts';
import type { Target } from '../model.ts';
import { done } from './steps.ts';

export interface Resource {
  readonly path: string;
  readonly apiVersion: string;
}

/** A resource as it is, or undefined when there is none. */
export async function read(
  azure: AzureClients,
  { path, apiVersion }: Resource,
  { signal }: CallContext,
): Promise<JsonObject | undefined> {
  const found = await readResource(azure, path, apiVersion, signal);
  return found === undefined ? undefined : objectAt(found);
}

/** All entries of a list, over all of its pages; empty where the list's owner is not there. */
export async function readAll(
  azure: AzureClients,
  { path, apiVersion }: Resource,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly JsonValue[]> {
  const found: JsonValue[] = [];
  for await (const one of pages(azure, path, apiVersion, { signal })) found.push(one);
  return found;
}

/** True while a turn of the step follows an operation that an earlier turn began. */
export function isUnderWay(call: CallContext): boolean {
  return keptOf(call)['operation'] !== undefined;
}

/** Deletes, and waits for it. What is not there is done. */
export async function remove(
  azure: AzureClients,
  { path, apiVersion }: Resource,
  call: CallContext,
  stage: string,
): Promise<StepResult> {
  try {
    const progress = await operate(azure, call, { method: 'DELETE', path, apiVersion }, stage);
    return progress.done ? done() : progress.result;
  } catch (error) {
    if (isMissing(error)) return done();
    throw error;
  }
}

/** Makes or changes a resource, and waits for it. */
export async function put(
  azure: AzureClients,
  { path, apiVersion }: Resource,
  body: object,
  call: CallContext,
  stage: string,
): Promise<StepResult> {
  const progress = await operate(azure, call, { method: 'PUT', path, apiVersion, body }, stage);
  return progress.done ? done() : progress.result;
}

/** Whether a resource that is there can be used already. What has no state is ready. */
export function stateOf(body: JsonValue): 'ready' | 'making' | 'deleting' | 'failed' {
  const state = (textAt(body, 'properties', 'provisioningState') ?? '').toLowerCase();
  if (state === '' || state === 'succeeded') return 'ready';
  if (state.startsWith('delet')) return 'deleting';
  return state === 'failed' || state.startsWith('cancel') ? 'failed' : 'making';
}

export function refusal(
  { ref }: Pick<Target, 'ref'>,
  code: ErrorCode,
  message: string,
): ServerlessError {
  return new ServerlessError({ code, provider: 'azure', function: ref.name, message });
}
