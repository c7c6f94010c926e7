/** Direct calls: invocations, warm-ups and the look whether a version runs. */
import type { DirectAnswer, DirectBody } from 'polyfaas/http';
import {
  type CallContext,
  createDirectClient,
  DirectCallError,
  type DirectCall,
  type FunctionRef,
  invokeBody,
  type InvokeRequest,
  type InvokeResult,
  KeptFunctions,
  ServerlessError,
} from 'polyfaas/spi';
import { AzureError } from '../arm/error.ts';
import type { AzureClients } from '../clients/index.ts';
import type { AzureObserved } from '../model.ts';
import { LOAD_ERROR_HEADER } from '../shim/packaging.ts';
import { enqueue } from './enqueue.ts';
import { handlerError, notLoaded, platformError } from './failure.ts';
import {
  type KnownFunction,
  readEndpoint,
  readFunction,
  type SiteAddress,
} from './known-functions.ts';

/** What the invoker is made of. */
export interface InvokerParts {
  readonly azure: AzureClients;
  /** Without the versions that are not live. */
  readonly observe: (ref: FunctionRef, call: CallContext) => Promise<AzureObserved>;
}

export interface Invoker {
  /**
   * @throws ServerlessError NOT_FOUND, FUNCTION_FAILED, TIMEOUT; `DirectCallError` when the call did not reach the
   * function, and `AzureError` when its keys or its queue cannot be reached.
   */
  invoke(ref: FunctionRef, request: InvokeRequest, call: CallContext): Promise<InvokeResult>;
  /** So many calls at once that only warm. */
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
  /**
   * Asks a site, or a slot of it, whether a version answers.
   *
   * @returns false while another version answers, or none yet.
   * @throws ServerlessError FUNCTION_FAILED with the reason when its code cannot be loaded.
   */
  isServing(site: SiteAddress, version: string, call: CallContext): Promise<boolean>;
  /** What is known of a function that is there and ours; NOT_FOUND otherwise. */
  known(ref: FunctionRef, call: CallContext): Promise<KnownFunction>;
  /** The function was deployed or removed: the next call looks at it anew. */
  forget(ref: FunctionRef): void;
  close(): Promise<void>;
}

/** So long each warm-up holds its instance, so that the others get another. */
const HOLD_MS = 75;
/** For the way, and for a host that has to start first. */
const GRACE_MS = 60_000;
const VERIFY_TIMEOUT_MS = 30_000;

export function createInvoker({ azure, observe }: InvokerParts): Invoker {
  const functions = new KeptFunctions((ref, call) => readFunction(azure, observe, ref, call));
  const client = createDirectClient();

  /** Keys that were rotated, or a function that was made anew, show once; then it is read again. */
  const withFreshKeys = async <T>(
    ref: FunctionRef,
    call: CallContext,
    work: (known: KnownFunction) => Promise<T>,
  ): Promise<T> => {
    try {
      return await work(functions.peek(ref, call) ?? (await functions.get(ref, call)));
    } catch (error) {
      if (!isStale(error)) throw error;
      functions.forget(ref);
      return work(await functions.get(ref, call));
    }
  };

  /** Settings change before the host restarts with them: until then an instance knows only the key of before. */
  const send: Send = ({ endpoint, older }, body, about) => {
    const sent = client.send(endpoint, body, about);
    if (older === undefined) return sent;
    return sent.catch((error: unknown) => {
      const isUnknown = error instanceof DirectCallError && error.refused === 'unknownKey';
      if (!isUnknown) throw error;
      return client.send(older, body, about);
    });
  };

  return {
    known: (ref, call) => functions.get(ref, call),
    forget: (ref) => functions.forget(ref),

    invoke: (ref, request, call) =>
      withFreshKeys(ref, call, async (known) => {
        if (request.mode === 'sync') return invokeNow(send, ref, known, request, call);
        try {
          await enqueue(azure, known, request, call);
        } catch (error) {
          // The queue may be another by now.
          functions.forget(ref);
          throw error;
        }
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
        const one = (): ReturnType<Send> =>
          send(
            known,
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

    async isServing(site, version, call) {
      const { endpoint } = await readEndpoint(azure, site, call);
      const { clock, signal } = call;
      try {
        const answer = await client.send(
          endpoint,
          { kind: 'verify' },
          { requestId: crypto.randomUUID(), clock, signal, timeoutMs: VERIFY_TIMEOUT_MS },
        );
        return answer.$polyfaas.version === version;
      } catch (error) {
        if (!(error instanceof DirectCallError)) throw error;
        if (error.headers[LOAD_ERROR_HEADER] !== undefined && isOf(error, version)) {
          throw notLoaded(error, site.ref.name);
        }
        // The host is starting, has not found its functions yet, or still has the settings of before.
        return false;
      }
    },

    close: () => client.close(),
  };
}

type Send = (
  known: Pick<KnownFunction, 'endpoint' | 'older'>,
  body: DirectBody,
  about: DirectCall,
) => Promise<DirectAnswer>;

async function invokeNow(
  send: Send,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace }: InvokeRequest,
  { clock, signal }: CallContext,
): Promise<InvokeResult> {
  const { memoryMb, timeoutSeconds } = known;
  const about = { name: ref.name, memoryMb, timeoutSeconds };
  const timeoutMs = timeoutSeconds * 1_000 + GRACE_MS;
  const began = performance.now();
  try {
    const { $polyfaas, data, error, timedOut } = await send(known, invokeBody(input, trace), {
      requestId,
      clock,
      signal,
      timeoutMs,
    });
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

function isStale(error: unknown): boolean {
  // The queue of asynchronous calls.
  if (error instanceof AzureError) return error.status === 404;
  if (!(error instanceof DirectCallError)) return false;
  const { status, refused } = error;
  return refused === undefined
    ? status === 401 || status === 404
    : refused === 'unknownKey' || refused === 'forged';
}

function isOf({ body }: DirectCallError, version: string): boolean {
  return body.includes(`"version":"${version}"`);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
