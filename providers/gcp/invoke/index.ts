/** Direct calls: invocations, warm-ups and the look whether a version runs. */
import type { DirectAnswer, DirectBody } from 'polyfaas/http';
import {
  type CallContext,
  createDirectClient,
  DirectCallError,
  type DirectCall,
  DirectTimeoutError,
  type DirectEndpoint,
  type FunctionRef,
  invokeBody,
  type InvokeRequest,
  type InvokeResult,
  KeptFunctions,
  ServerlessError,
} from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients } from '../clients/index.ts';
import type { VerifyInput } from '../steps.ts';
import { handlerError, platformError } from './failure.ts';
import {
  Doors,
  type KnownFunction,
  type Observe,
  readFunction,
  readKeys,
} from './known-functions.ts';
import { publishCall } from './publish.ts';

/** What the invoker is made of. */
export interface InvokerParts {
  readonly gcp: GcpClients;
  readonly observe: Observe;
}

export interface Invoker {
  /**
   * @throws ServerlessError NOT_FOUND, FUNCTION_FAILED, TIMEOUT; `DirectCallError` when the call did not reach the
   * function, and `GoogleApiError` when its key or its topic cannot be reached.
   */
  invoke(ref: FunctionRef, request: InvokeRequest, call: CallContext): Promise<InvokeResult>;
  /** So many calls at once that only warm. */
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
  /**
   * Asks a revision, over its tag, whether it answers as the version.
   *
   * @returns `not-yet` while the address is not known everywhere, or a grant has not spread.
   */
  verify(input: VerifyInput, call: CallContext): Promise<'ok' | 'not-yet' | ServerlessError>;
  /** The function was deployed or removed: the next call looks at it anew. */
  forget(ref: FunctionRef): void;
  close(): Promise<void>;
}

/** So long each warm-up holds its instance, so that the others get another. */
const HOLD_MS = 75;
/** For the way, and for an instance that has to start first. */
const GRACE_MS = 60_000;
const VERIFY_TIMEOUT_MS = 60_000;

export function createInvoker({ gcp, observe }: InvokerParts): Invoker {
  const functions = new KeptFunctions((ref, call) => readFunction(gcp, observe, ref, call));
  const client = createDirectClient();

  /** Keys that were rotated, or a function that was made anew, show once; then it is read again. */
  const withFreshKeys = async <T>(
    ref: FunctionRef,
    call: CallContext,
    work: (known: KnownFunction) => Promise<T>,
  ): Promise<T> => {
    const known = functions.peek(ref, call) ?? (await functions.get(ref, call));
    try {
      return await work(known);
    } catch (error) {
      if (!isStale(error)) throw error;
      functions.forget(ref, known);
      return work(await functions.get(ref, call));
    }
  };

  /** Until an instance has read its settings again, it knows only the key of before. */
  const send: Send = ([endpoint, older], body, about) => {
    if (endpoint === undefined) throw new TypeError('There is no key to sign with.');
    const sent = client.send(endpoint, body, about);
    if (older === undefined) return sent;
    return sent.catch((error: unknown) => {
      const isUnknown = error instanceof DirectCallError && error.refused === 'unknownKey';
      if (!isUnknown) throw error;
      return client.send(older, body, about);
    });
  };

  return {
    forget: (ref) => functions.forget(ref),

    invoke: (ref, request, call) =>
      withFreshKeys(ref, call, async (known) => {
        if (request.mode === 'sync') return invokeNow(send, ref, known, request, call);
        await publishCall(gcp, `polyfaas-${known.physicalName}-async`, request, call);
        return {
          output: null,
          requestId: request.requestId,
          version: known.liveVersion,
          coldStart: false,
          durationMs: null,
          initDurationMs: null,
          instanceId: null,
        };
      }),

    warm: (ref, instances, call) =>
      withFreshKeys(ref, call, async (known) => {
        const { clock, signal } = call;
        const doors = await known.live.doors.open(call);
        const one = (): ReturnType<Send> =>
          send(
            doors,
            { kind: 'warm', holdMs: HOLD_MS },
            { requestId: crypto.randomUUID(), clock, signal, timeoutMs: GRACE_MS },
          );
        const replies = await Promise.allSettled(Array.from({ length: instances }, one));
        signal.throwIfAborted();
        const ids = replies.flatMap((reply) =>
          reply.status === 'fulfilled' ? [reply.value.$polyfaas.instanceId] : [],
        );
        const [failed] = replies.flatMap((reply) =>
          reply.status === 'rejected' ? [asError(reply.reason)] : [],
        );
        if (ids.length === 0 && failed !== undefined) throw failed;
        return { distinctInstances: new Set(ids).size };
      }),

    async verify({ url, audience, functionId, version, secret }, call) {
      const name = functionId.split('/').at(-1) ?? functionId;
      const keys = await readKeys(gcp, secret, { name }, call);
      const doors = await new Doors(gcp, { url, audience, keys, functionId }).open(call);
      const { clock, signal } = call;
      try {
        const answer = await send(
          doors,
          { kind: 'verify' },
          { requestId: crypto.randomUUID(), clock, signal, timeoutMs: VERIFY_TIMEOUT_MS },
        );
        return answer.$polyfaas.version === version ? 'ok' : 'not-yet';
      } catch (error) {
        // An instance that is still starting.
        if (error instanceof DirectTimeoutError) return 'not-yet';
        if (!(error instanceof DirectCallError)) throw error;
        const { status, refused } = error;
        // The tag has not spread, or a grant; or the key has not.
        const mayPass = [401, 403, 404, 429, 502, 503].includes(status) || refused !== undefined;
        if (mayPass) return 'not-yet';
        return platformError(error, 0, { name, timeoutSeconds: Infinity }) ?? 'not-yet';
      }
    },

    close: () => client.close(),
  };
}

type Send = (
  doors: readonly DirectEndpoint[],
  body: DirectBody,
  about: DirectCall,
) => Promise<DirectAnswer>;

async function invokeNow(
  send: Send,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace, version: wanted }: InvokeRequest,
  call: CallContext,
): Promise<InvokeResult> {
  const { clock, signal } = call;
  const called = wanted === undefined ? known.live : await known.of(wanted, call);
  if (called === undefined) throw noVersion(ref, wanted ?? '');
  const { doors, memoryMb, timeoutSeconds } = called;
  const about = { name: ref.name, memoryMb, timeoutSeconds };
  const began = performance.now();
  try {
    const { $polyfaas, data, error, timedOut } = await send(
      doors.peek(clock.now()) ?? (await doors.open(call)),
      invokeBody(input, trace),
      {
        requestId,
        clock,
        signal,
        timeoutMs: timeoutSeconds * 1_000 + GRACE_MS,
        ...(wanted === undefined ? {} : { version: wanted }),
      },
    );
    if (error !== undefined) throw handlerError(error, timedOut === true, about);
    const { version, coldStart, durationMs, initDurationMs, instanceId } = $polyfaas;
    return {
      output: data ?? null,
      requestId,
      version,
      coldStart,
      durationMs,
      initDurationMs,
      instanceId,
    };
  } catch (error) {
    if (ServerlessError.isInstance(error) || signal.aborted) throw error;
    throw platformError(error, performance.now() - began, about) ?? error;
  }
}

function noVersion(ref: FunctionRef, version: string): ServerlessError {
  return new ServerlessError({
    code: 'NOT_FOUND',
    provider: 'gcp',
    function: ref.name,
    message: `"${ref.name}" keeps no version ${version}. manager.describe('${ref.name}') tells which ones it keeps.`,
  });
}

function isStale(error: unknown): boolean {
  // The topic of asynchronous calls.
  if (error instanceof GoogleApiError) return error.status === 404;
  if (!(error instanceof DirectCallError)) return false;
  const { status, refused } = error;
  // Somebody else deployed: the version that was live is to be called by its tag by now.
  return refused === undefined
    ? status === 401 || status === 404
    : refused === 'unknownKey' || refused === 'forged' || refused === 'otherVersion';
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
