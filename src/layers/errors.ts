/** Names what an adapter throws: raw errors go in, one `ServerlessError` comes out; so it does for what is no answer. */
import { cancelledByCaller, isOwnReason } from '../engine/cancellation.ts';
import { ServerlessError } from '../errors/index.ts';
import { withHiddenSecrets } from '../errors/inspection.ts';
import { redact } from '../errors/redact.ts';
import { textAt, textOf } from '../errors/text-of.ts';
import { withDetails } from '../errors/with-details.ts';
import { withoutSecrets } from '../errors/without-secrets.ts';
import type { ServerlessProvider } from '../spi/provider.ts';
import { checkedAnswer } from './answers.ts';
import { meaningOf, whyNone } from './classification.ts';
import type { CallInfo, Layer } from './layer.ts';

export function errorsLayer(provider: Pick<ServerlessProvider, 'classify'>): Layer {
  return {
    name: 'errors',
    applies: () => true,
    around: (info, context, next) => {
      const wrap = (cause: unknown): never => {
        throw named(provider, info, context.signal, cause);
      };
      try {
        // One turn of the queue for both: it is in the way of every invocation.
        return next(context).then((answer) => {
          try {
            return checkedAnswer(info, answer);
          } catch (defect) {
            return wrap(defect);
          }
        }, wrap);
      } catch (cause) {
        return Promise.reject(named(provider, info, context.signal, cause));
      }
    },
  };
}

/** With the id of the call: by it, it is found in the log. */
function named(
  provider: Pick<ServerlessProvider, 'classify'>,
  info: CallInfo,
  signal: AbortSignal,
  cause: unknown,
): ServerlessError {
  const error = wrapError(provider, info, signal, cause);
  const { requestId } = info;
  return requestId === undefined ? error : withDetails(error, { requestId });
}

/** Wraps once: an error that is ours already only learns where it happened, and loses what looks like a credential. */
export function wrapError(
  provider: Pick<ServerlessProvider, 'classify'>,
  info: CallInfo,
  signal: AbortSignal,
  cause: unknown,
): ServerlessError {
  const place = { provider: info.provider, function: info.function, step: info.step };
  // Before all else: a caller may abort with an error of ours, which then is no failure of the call.
  if (signal.aborted && (cause === signal.reason || isAbort(cause))) {
    const { reason } = signal;
    // An attempt that took too long is no cancellation.
    return isOwnReason(reason) ? reason : cancelledByCaller(`The ${info.call} call`, reason, place);
  }
  if (ServerlessError.isInstance(cause)) {
    const defect = whyNone(cause);
    if (defect !== undefined) return misnamed(info, cause, defect);
    const said = withoutSecrets(cause);
    if (said.provider !== undefined) return withHiddenSecrets(said);
    const placed = new ServerlessError({
      code: said.code,
      message: said.message,
      retryable: said.retryable,
      retryAfterMs: said.retryAfterMs,
      details: said.details,
      cause: said.cause,
      ...place,
      function: said.function ?? place.function,
      step: said.step ?? place.step,
    });
    return withHiddenSecrets(placed);
  }
  const { defect, ...meaning } = meaningOf(provider, cause);
  const { code, retryable, retryAfterMs, didNotRun, message = textOf(cause) } = meaning;
  const error = new ServerlessError({
    code,
    retryable,
    retryAfterMs,
    message: redact(defect === undefined ? message : `${message} ${blaming(info, defect)}`),
    ...(didNotRun ? { details: { didNotRun: true } } : {}),
    cause,
    ...place,
  });
  return withHiddenSecrets(error);
}

/** What the adapter threw as an error of ours, with a code that there is not, or the like: all of it is to be doubted. */
function misnamed(info: CallInfo, cause: ServerlessError, defect: string): ServerlessError {
  return withHiddenSecrets(
    new ServerlessError({
      code: 'UNKNOWN',
      message: redact(`${textOf(cause)} ${blaming(info, `it threw an error with ${defect}`)}`),
      provider: info.provider,
      function: info.function,
      step: info.step,
      cause,
    }),
  );
}

function blaming({ provider }: CallInfo, defect: string): string {
  return `(The adapter "${provider}" cannot tell what that means: ${defect}. That is a defect of the adapter: tell its authors, with the \`cause\` of this error.)`;
}

/** Vendors answer an abort with an error of their own. */
function isAbort(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return textAt(cause, 'name') === 'AbortError' || textAt(cause, 'code') === 'ABORT_ERR';
}
