/** Direct calls: invocations, warm-ups and the look whether a version runs. */
import {
  acceptedResult,
  answeredResult,
  type CallContext,
  createDirectClient,
  DIRECT_GRACE_MS,
  DirectCallError,
  type DirectClient,
  type FunctionRef,
  invokeBody,
  type InvokeRequest,
  type InvokeResult,
  isStaleCall,
  KeptFunctions,
  sendThrough,
  ServerlessError,
  traceIdOf,
  warmThrough,
} from 'polyfaas/spi';
import { AzureError } from '../arm/error.ts';
import type { AzureClients } from '../clients/index.ts';
import { mayPass } from '../errors.ts';
import type { AzureObserved } from '../model.ts';
import { LOAD_ERROR_HEADER } from '../shim/packaging.ts';
import { stoppedError, unlessStopped } from '../stopped.ts';
import { enqueue } from './enqueue.ts';
import { handlerError, notLoaded, platformError } from './failure.ts';
import {
  type KnownFunction,
  type Look,
  readFunction,
  readKeys,
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
   * @returns that it is not serving while another version answers, or none yet.
   * @throws ServerlessError FUNCTION_FAILED with the reason when its code cannot be loaded; UNAVAILABLE, which no
   * waiting mends, while the function app is stopped.
   */
  look(site: SiteAddress, version: string, call: CallContext): Promise<Look>;
  /** What is known of a function that is there and ours; NOT_FOUND otherwise. */
  known(ref: FunctionRef, call: CallContext): Promise<KnownFunction>;
  /** The function was deployed or removed: the next call looks at it anew. */
  forget(ref: FunctionRef): void;
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 30_000;

export function createInvoker({ azure, observe }: InvokerParts): Invoker {
  const functions = new KeptFunctions((ref, call) => readFunction(azure, observe, ref, call));
  const client = createDirectClient();

  return {
    known: (ref, call) => functions.get(ref, call),
    forget: (ref) => functions.forget(ref),

    invoke: (ref, request, call) =>
      functions.use(ref, call, isStale, async (known) => {
        const { isStopped, siteId } = known;
        if (isStopped) functions.forget(ref, known);
        if (isStopped && request.mode === 'sync') throw stoppedError(ref, siteId);
        if (request.mode === 'sync') return invokeNow(client, ref, known, request, call);
        try {
          await enqueue(azure, ref, known, request, call);
        } catch (error) {
          // The queue may be another by now.
          functions.forget(ref, known);
          throw error;
        }
        return acceptedResult(request.requestId, known.liveVersion);
      }),

    warm: (ref, instances, call) =>
      functions.use(ref, call, isStale, async (known) => {
        const { isStopped, siteId, doors } = known;
        if (isStopped) functions.forget(ref, known);
        if (isStopped) throw stoppedError(ref, siteId);
        const warming = warmThrough(client, doors, instances, call);
        const { distinctInstances } = await unlessStopped({ ref, siteId }, warming);
        return { distinctInstances };
      }),

    async look(site, version, call) {
      const { masterKey, open } = await readKeys(azure, site, call);
      const { clock, signal } = call;
      try {
        const { doors } = open();
        // With the newest key alone: an instance that does not know it has not read its settings again.
        const answer = await unlessStopped(
          site,
          sendThrough(
            client,
            doors.slice(0, 1),
            { kind: 'verify' },
            { requestId: crypto.randomUUID(), clock, signal, timeoutMs: VERIFY_TIMEOUT_MS },
          ),
        );
        return { isServing: answer.$polyfaas.version === version, masterKey };
      } catch (error) {
        if (!(error instanceof DirectCallError)) {
          if (signal.aborted || !mayPass(error)) throw error;
        } else if (error.headers[LOAD_ERROR_HEADER] !== undefined && isOf(error, version)) {
          throw notLoaded(error, site.ref.name);
        }
        // The host is starting, has not found its functions yet, or still has the settings of before.
        return { isServing: false, masterKey };
      }
    },

    close: () => client.close(),
  };
}

async function invokeNow(
  client: DirectClient,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace }: InvokeRequest,
  { clock, signal }: CallContext,
): Promise<InvokeResult> {
  const { siteId, doors, memoryMb, timeoutSeconds } = known;
  const about = { name: ref.name, memoryMb, timeoutSeconds };
  const timeoutMs = timeoutSeconds * 1_000 + DIRECT_GRACE_MS;
  const began = performance.now();
  try {
    const answer = await unlessStopped(
      { ref, siteId },
      sendThrough(client, doors, invokeBody(input, trace), {
        requestId,
        clock,
        signal,
        timeoutMs,
        // Its trace id becomes the OperationId of all that the host writes of the call.
        headers: ['traceparent', traceParentOf(requestId)],
      }),
    );
    const { error, timedOut } = answer;
    if (error !== undefined) throw handlerError(error, timedOut === true, about);
    return answeredResult(answer, requestId);
  } catch (error) {
    if (ServerlessError.isInstance(error) || signal.aborted) throw error;
    throw platformError(error, performance.now() - began, about) ?? error;
  }
}

/** As the host begins one by itself where none is sent: sampled. */
function traceParentOf(requestId: string): string {
  return `00-${traceIdOf(requestId)}-${'0'.repeat(15)}1-01`;
}

const STALE: ReadonlySet<number> = new Set([401, 404]);

function isStale(error: unknown): boolean {
  // The queue of asynchronous calls.
  if (error instanceof AzureError) return error.status === 404;
  return isStaleCall(error, STALE);
}

function isOf({ body }: DirectCallError, version: string): boolean {
  return body.includes(`"version":"${version}"`);
}
