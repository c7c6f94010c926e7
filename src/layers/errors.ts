/** Names what an adapter throws: raw errors go in, one `ServerlessError` comes out. */
import { cancelledByCaller, isOwnReason } from '../engine/cancellation.ts';
import { ServerlessError } from '../errors/index.ts';
import { withHiddenSecrets } from '../errors/inspection.ts';
import { redact } from '../errors/redact.ts';
import { withDetails } from '../errors/with-details.ts';
import type { Classification, ServerlessProvider } from '../spi/provider.ts';
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
        return next(context).catch(wrap);
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

/** Wraps once: an error that is ours already only learns where it happened. */
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
    if (cause.provider !== undefined) return withHiddenSecrets(cause);
    const placed = new ServerlessError({
      code: cause.code,
      message: cause.message,
      retryable: cause.retryable,
      retryAfterMs: cause.retryAfterMs,
      details: cause.details,
      cause: cause.cause,
      ...place,
      function: cause.function ?? place.function,
      step: cause.step ?? place.step,
    });
    return withHiddenSecrets(placed);
  }
  const { code, retryable, retryAfterMs, didNotRun, message } = meaningOf(provider, cause);
  const error = new ServerlessError({
    code,
    retryable,
    retryAfterMs,
    message: redact(message ?? textOf(cause)),
    ...(didNotRun ? { details: { didNotRun: true } } : {}),
    cause,
    ...place,
  });
  return withHiddenSecrets(error);
}

/** An adapter that fails at it must not take the place of the failure that it was asked about. */
function meaningOf(provider: Pick<ServerlessProvider, 'classify'>, cause: unknown): Classification {
  try {
    return provider.classify(cause);
  } catch {
    return { code: 'UNKNOWN', retryable: false };
  }
}

/** Vendors answer an abort with an error of their own. */
function isAbort(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'AbortError' || codeOf(cause) === 'ABORT_ERR');
}

function codeOf(cause: Error): unknown {
  return 'code' in cause ? cause.code : undefined;
}

function textOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message === '' ? cause.name : cause.message;
  return typeof cause === 'string' ? cause : 'An unknown failure.';
}
