/** Calls that only Lambda has, and so are no part of the portable interface. */
import { type FunctionRef, type JsonValue, NEVER_ABORTS, ServerlessError } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { LIVE } from '../model.ts';
import { functionError } from './function-error.ts';
import type { KnownFunction } from './known-functions.ts';
import { decodePayload, encodePayload } from './payload.ts';

/** What every one of these calls takes. */
export interface AwsCallOptions {
  /** A version instead of the live one. */
  readonly version?: string;
  readonly signal?: AbortSignal;
}

/** Calls that only Lambda has. Reached by `manager.native(AWS.calls)`. */
export interface AwsCalls {
  /**
   * Asks Lambda whether a call would be taken: the function is there and active, and the caller may. Nothing runs.
   *
   * @throws ServerlessError NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED; what else a call can be refused with.
   */
  dryRun(name: string, options?: AwsCallOptions): Promise<void>;
  /**
   * Calls a function and hands on what it writes while it writes, up to 200 MB (AWS Lambda quotas, response
   * streaming). A function that does not stream gives its answer as JSON, in one piece. At most once: never repeated.
   *
   * @throws ServerlessError FUNCTION_FAILED or TIMEOUT, also after some chunks, when the function fails on the way.
   */
  stream(name: string, input?: JsonValue, options?: AwsCallOptions): AsyncIterable<Uint8Array>;
}

export interface AwsCallsParts {
  readonly aws: AwsClients;
  readonly refOf: (name: string) => FunctionRef;
  readonly known: (ref: FunctionRef, signal: AbortSignal) => Promise<KnownFunction>;
}

export function createAwsCalls({ aws, refOf, known }: AwsCallsParts): AwsCalls {
  return {
    async dryRun(name, { version, signal = NEVER_ABORTS } = {}) {
      try {
        const { physicalName } = await known(refOf(name), signal);
        const client = await aws.invoker();
        const input = { FunctionName: physicalName, Qualifier: version ?? LIVE };
        await client.invoke({ ...input, InvocationType: 'DryRun' }, { abortSignal: signal });
      } catch (cause) {
        throw named(cause, name, signal);
      }
    },

    async *stream(name, input = null, { version, signal = NEVER_ABORTS } = {}) {
      try {
        const about = await known(refOf(name), signal);
        const client = await aws.invoker();
        const { EventStream = [] } = await client.invokeWithResponseStream(
          {
            FunctionName: about.physicalName,
            Qualifier: version ?? LIVE,
            Payload: encodePayload(name, 'sync', input, undefined),
          },
          { abortSignal: signal },
        );
        for await (const { PayloadChunk, InvokeComplete } of EventStream) {
          if (PayloadChunk?.Payload) yield PayloadChunk.Payload;
          if (InvokeComplete?.ErrorCode === undefined) continue;
          const details = new TextEncoder().encode(InvokeComplete.ErrorDetails ?? '');
          const told = decodePayload(details);
          const described =
            typeof told === 'object' && told !== null
              ? told
              : { errorType: InvokeComplete.ErrorCode, errorMessage: String(told ?? '') };
          throw functionError(described, { ...about, name }, false);
        }
      } catch (cause) {
        throw named(cause, name, signal);
      }
    },
  };
}

function named(cause: unknown, name: string, signal: AbortSignal): ServerlessError {
  if (ServerlessError.isInstance(cause)) return cause;
  if (signal.aborted) {
    return new ServerlessError({
      code: 'CANCELLED',
      provider: 'aws',
      function: name,
      message: `The call of "${name}" was cancelled by its caller.`,
      cause,
    });
  }
  const { code, retryable, retryAfterMs, message } = classify(cause);
  return new ServerlessError({
    code,
    retryable,
    retryAfterMs,
    provider: 'aws',
    function: name,
    message: message ?? (cause instanceof Error ? cause.message : String(cause)),
    cause,
  });
}
