import type { CallContext, JsonValue } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import { operate, type Progress } from '../arm/operation.ts';
import { again, keptOf } from '../arm/turn.ts';
import type { AzureClients, ArmRequest } from '../clients/index.ts';

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
    result: again(call, { stage: `${parts.stage}: ${state}` }),
  };
}
