/** What executors keep from one turn to the next. */
import type { CallContext, JsonObject, JsonValue, StepResult } from 'polyfaas/spi';
import { operate, type Progress } from '../arm/operation.ts';
import { read } from '../arm/calls.ts';
import { objectAt, textAt } from '../arm/json.ts';
import type { AzureClients, ArmRequest } from '../clients/index.ts';

type Waiting = Extract<StepResult, { readonly done: false }>;

/** What an earlier turn kept; empty on the first. */
export function keptOf(call: CallContext): JsonObject {
  return objectAt(call.resume);
}

/** The turn of a part of a step. */
export function turnOf(call: CallContext, resume: JsonValue | undefined): CallContext {
  const { resume: _, ...fresh } = call;
  return resume === undefined || resume === null ? fresh : { ...fresh, resume };
}

/** Asks to be called again, less and less often. */
export function again(
  call: CallContext,
  parts: {
    readonly stage: string;
    readonly keep?: JsonObject;
    readonly firstMs: number;
    readonly longestMs: number;
  },
): Waiting {
  const polls = Number(keptOf(call)['polls'] ?? 0);
  return {
    done: false,
    pollAfterMs: Math.min(parts.longestMs, Math.round(parts.firstMs * 1.6 ** polls)),
    resume: { ...parts.keep, polls: polls + 1 },
    stage: parts.stage,
  };
}

/** Makes a resource unless it is there, and waits until it is ready. */
export async function ensure(
  azure: AzureClients,
  call: CallContext,
  resource: { readonly path: string; readonly apiVersion: string; readonly body: object },
  parts: {
    readonly stage: string;
    /** Throws for one that is somebody else's. */
    readonly recognise: (body: JsonValue) => void;
  },
): Promise<Progress> {
  const { path, apiVersion, body } = resource;
  const request: Omit<ArmRequest, 'signal'> = { method: 'PUT', path, apiVersion, body };
  if (keptOf(call)['operation'] !== undefined) return operate(azure, call, request, parts.stage);
  const found = await read(azure, path, apiVersion, call.signal);
  if (found === undefined) return operate(azure, call, request, parts.stage);
  parts.recognise(found);
  const state = textAt(found, 'properties', 'provisioningState') ?? '';
  if (/^(?:|succeeded)$/i.test(state)) return { done: true, body: found };
  // What failed to be made is made once more.
  if (/^(?:failed|canceled)$/i.test(state)) return operate(azure, call, request, parts.stage);
  return {
    done: false,
    result: again(call, { stage: `${parts.stage}: ${state}`, firstMs: 1000, longestMs: 15_000 }),
  };
}
