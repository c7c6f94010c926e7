/** Why a version did not start, from the line that its own entry wrote before it ended. */
import { deserializeError } from 'polyfaas/function';
import {
  again,
  type CallContext,
  type JsonObject,
  keptOf,
  ServerlessError,
  type StepResult,
} from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { listAt, numberAt, objectAt, textAt } from '../clients/json.ts';
import { refusal, shortName } from './refusals.ts';

/** Lines reach the log a moment later ("Cloud Logging", "Late-arriving log entries"). */
const MOST_LOOKS = 4;
const LOOK_MS = 2_000;

/**
 * Throws what a build failed with. Where the new revision did not start, its log is asked first, since Google itself only
 * says that it did not.
 *
 * @param name `projects/p/locations/l/functions/NAME`
 * @param keep what the step needs to come here again.
 */
export async function tellFailure(
  gcp: GcpClients,
  name: string,
  failure: Error,
  keep: JsonObject,
  call: CallContext,
): Promise<StepResult> {
  if (!ServerlessError.isInstance(failure) || failure.code !== 'FUNCTION_FAILED') throw failure;
  const said = await loadError(gcp, name, failure.message, call);
  if (said !== undefined) {
    const cause = deserializeError(said);
    throw refusal(
      'FUNCTION_FAILED',
      `"${shortName(name)}" did not start: ${cause.name}: ${cause.message}. The code outside the handlers failed; see the stack of the cause.`,
      { cause, details: { ...failure.details, errorName: cause.name } },
    );
  }
  const looks = numberAt(keptOf(call), 'looks') ?? 0;
  if (looks >= MOST_LOOKS) throw failure;
  return again(call, {
    stage: 'reading why it did not start',
    keep: { ...keep, looks: looks + 1 },
    firstMs: LOOK_MS,
    longestMs: LOOK_MS,
  });
}

/** Undefined while nothing of it is in the log, and for whoever may not read it. */
async function loadError(
  gcp: GcpClients,
  name: string,
  message: string,
  { signal }: CallContext,
): Promise<JsonObject | undefined> {
  const project = name.split('/')[1] ?? '';
  const [, revision] = /Revision '([a-z0-9-]+)'/.exec(message) ?? [];
  const filter = [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name="${shortName(name)}"`,
    ...(revision === undefined ? [] : [`resource.labels.revision_name="${revision}"`]),
    'jsonPayload.polyfaas="load-error"',
  ].join(' AND ');
  const body = {
    resourceNames: [`projects/${project}`],
    filter,
    orderBy: 'timestamp desc',
    pageSize: 1,
  };
  try {
    const path = '/v2/entries:list';
    const reply = await gcp.rest({ api: 'logging', method: 'POST', path, body, signal });
    const error = objectAt(listAt(reply, 'entries')[0], 'jsonPayload', 'error');
    return textAt(error, 'message') === undefined ? undefined : error;
  } catch (error) {
    // The failure itself is what counts.
    if (signal.aborted) throw error;
    return undefined;
  }
}
