/** What a build that failed is thrown as. */
import type { JsonValue } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import { listAt, textAt } from '../clients/json.ts';
import { classify } from '../errors.ts';
import { classifyBuild, logIn } from '../errors/build.ts';
import { canonicalName, httpStatusOf } from '../errors/canonical.ts';
import { maySpread } from './patience.ts';
import { refusal } from './refusals.ts';

/**
 * @param metadata of the operation: its stages tell where the log is.
 * @returns the error itself where it passes, so that the step waits; else a ServerlessError that says what to do.
 */
export function buildFailure(
  failed: GoogleApiError | { readonly code: number; readonly message: string },
  metadata: JsonValue,
): Error {
  const error = failed instanceof GoogleApiError ? failed : asApiError(failed);
  const { code, retryable, message = error.message } = classify(error);
  if (retryable || maySpread(error)) return error;
  const log = logIn(error.message) ?? buildLog(metadata);
  const built = classifyBuild(error.message, log);
  return refusal(code, built?.code === code ? (built.message ?? message) : message, {
    cause: error,
    details: {
      phase: code === 'FUNCTION_FAILED' ? 'init' : 'build',
      ...(log === '' ? {} : { log }),
    },
  });
}

function asApiError({ code, message }: { code: number; message: string }): GoogleApiError {
  const name = canonicalName(code) ?? 'UNKNOWN';
  return new GoogleApiError(httpStatusOf(name), { code: name, message });
}

function buildLog(metadata: JsonValue): string {
  const build = listAt(metadata, 'stages').find((one) => textAt(one, 'name') === 'BUILD');
  return textAt(build, 'resourceUri') ?? '';
}
