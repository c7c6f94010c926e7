/** Long-running operations, one look at a time: the engine waits between the looks, on its own clock. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { retryDelayIn } from '../clients/answer.ts';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients } from '../clients/index.ts';
import { at, listAt, numberAt, objectAt, textAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { canonicalName, httpStatusOf } from '../errors/canonical.ts';

/** What an operation ended with: looking at it again tells the same, so it is begun anew. */
export class OperationFailure extends GoogleApiError {}

export interface Operation {
  readonly done: boolean;
  /** What it failed with. */
  readonly error: OperationFailure | null;
  readonly metadata: JsonValue;
}

/** The version of each API that has them. */
const VERSIONS = { functions: 'v2', run: 'v2', eventarc: 'v1' } as const;

/** Undefined when there is no such operation: Google forgets those that are over. */
export async function lookAtOperation(
  gcp: Pick<GcpClients, 'rest'>,
  api: keyof typeof VERSIONS,
  name: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<Operation | undefined> {
  const path = `/${VERSIONS[api]}/${name}`;
  const found = await ifThere(gcp.rest({ api, method: 'GET', path, signal }));
  return found === undefined ? undefined : operationOf(found);
}

export function operationOf(body: JsonValue): Operation {
  const error = objectAt(body, 'error');
  const code = numberAt(error, 'code');
  return {
    done: at(body, 'done') === true,
    error: code === undefined || code === 0 ? null : failureOf(code, error),
    metadata: objectAt(body, 'metadata'),
  };
}

/** As if the request itself had been answered so. */
function failureOf(code: number, error: JsonValue): OperationFailure {
  const name = canonicalName(code) ?? 'UNKNOWN';
  const details = listAt(error, 'details');
  return new OperationFailure(httpStatusOf(name), {
    code: name,
    message: textAt(error, 'message') ?? `The operation ended as ${name}.`,
    reason: details.map((one) => textAt(one, 'reason')).find(Boolean) ?? '',
    details,
    retryAfterMs: retryDelayIn(details),
  });
}
