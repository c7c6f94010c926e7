/** Direct calls: invocations, warm-ups and the look whether a version runs. */
import {
  acceptedResult,
  answeredResult,
  type CallContext,
  createDirectClient,
  DIRECT_GRACE_MS,
  DirectCallError,
  type DirectClient,
  DirectTimeoutError,
  type FunctionRef,
  invokeBody,
  type InvokeRequest,
  type InvokeResult,
  isStaleCall,
  KeptFunctions,
  noSuchVersion,
  sendThrough,
  ServerlessError,
  traceIdOf,
  warmThrough,
} from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients } from '../clients/index.ts';
import type { Verdict } from '../execute/verify.ts';
import { asyncTopicId } from '../place.ts';
import type { VerifyInput } from '../steps.ts';
import { answerTooLarge, handlerError, platformError } from './failure.ts';
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
   * @returns `not-found` while the address is not known everywhere, or from outside of a closed network; `not-yet` while a
   * grant has not spread.
   */
  verify(input: VerifyInput, call: CallContext): Promise<Verdict>;
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 60_000;

export function createInvoker({ gcp, observe }: InvokerParts): Invoker {
  const functions = new KeptFunctions((ref, call) => readFunction(gcp, observe, ref, call));
  const client = createDirectClient();

  return {
    invoke: (ref, request, call) =>
      functions.use(ref, call, isStale, async (known) => {
        if (request.mode === 'sync') return invokeNow(client, ref, known, request, call);
        await publishCall(gcp, asyncTopicId(known.physicalName), request, call);
        return acceptedResult(request.requestId, known.liveVersion);
      }),

    warm: (ref, instances, call) =>
      functions.use(ref, call, isStale, async ({ live }) => {
        const doors = await live.doors.open(call);
        const { distinctInstances } = await warmThrough(client, doors, instances, call);
        return { distinctInstances };
      }),

    async verify({ url, audience, functionId, version, secret }, call) {
      const name = functionId.split('/').at(-1) ?? functionId;
      const keys = await readKeys(gcp, secret, { name }, call);
      const doors = await new Doors(gcp, { url, audience, keys, functionId }).open(call);
      const { clock, signal } = call;
      try {
        const answer = await sendThrough(
          client,
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
        if (status === 404 && refused === undefined) return 'not-found';
        const mayPass = [401, 403, 429, 502, 503].includes(status) || refused !== undefined;
        if (mayPass) return 'not-yet';
        return platformError(error, 0, { name, timeoutSeconds: Infinity }) ?? 'not-yet';
      }
    },

    close: () => client.close(),
  };
}

async function invokeNow(
  client: DirectClient,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace, version: wanted }: InvokeRequest,
  call: CallContext,
): Promise<InvokeResult> {
  const { clock, signal } = call;
  const called = wanted === undefined ? known.live : await known.of(wanted, call);
  if (called === undefined) throw noSuchVersion('gcp', ref, wanted ?? '');
  const { doors, memoryMb, timeoutSeconds } = called;
  const about = { name: ref.name, memoryMb, timeoutSeconds };
  const began = performance.now();
  try {
    const answer = await sendThrough(
      client,
      doors.peek(clock.now()) ?? (await doors.open(call)),
      invokeBody(input, trace),
      {
        requestId,
        clock,
        signal,
        timeoutMs: timeoutSeconds * 1_000 + DIRECT_GRACE_MS,
        // What Cloud Run writes of the request is found by it. Whether it is sampled is for Google to say.
        headers: ['x-cloud-trace-context', `${traceIdOf(requestId)}/1`],
        ...(wanted === undefined ? {} : { version: wanted }),
      },
    );
    const { error, timedOut, tooLarge } = answer;
    if (tooLarge === true) throw answerTooLarge(about, error);
    if (error !== undefined) throw handlerError(error, timedOut === true, about);
    return answeredResult(answer, requestId);
  } catch (error) {
    if (ServerlessError.isInstance(error) || signal.aborted) throw error;
    throw platformError(error, performance.now() - began, about) ?? error;
  }
}

const STALE: ReadonlySet<number> = new Set([401, 404]);

function isStale(error: unknown): boolean {
  // The topic of asynchronous calls.
  if (error instanceof GoogleApiError) return error.status === 404;
  // Of another version, too: somebody else deployed, and the one that was live is to be called by its tag by now.
  return isStaleCall(error, STALE);
}
