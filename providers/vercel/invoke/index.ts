/** Direct calls: invocations, warm-ups and the look whether a version runs. */
import type { DirectAnswer } from 'polyfaas/http';
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
  warmThrough,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { variablesOf } from '../execute/variables.ts';
import { VARIABLE } from '../manifest.ts';
import type { NotYet, Verdict } from '../execute/verdict.ts';
import type { RecordedCall, Recorder } from '../metrics/recorder.ts';
import type { PlatformSettings } from '../options.ts';
import type { VerifyInput } from '../steps.ts';
import { handlerError, isThrottled, laterError, platformError, withoutQueues } from './failure.ts';
import {
  type Credentials,
  doorsOf,
  type KnownFunction,
  type Observe,
  readBypass,
  readFunction,
  readKeys,
} from './known-functions.ts';
import { notYet, verdictOf } from './not-yet.ts';

/** What the invoker is made of. */
export interface InvokerParts {
  readonly vercel: VercelClients;
  readonly observe: Observe;
  readonly settings: Pick<PlatformSettings, 'queues'>;
  readonly recorder: Recorder;
}

export interface Invoker {
  /**
   * @throws ServerlessError NOT_FOUND, FUNCTION_FAILED, TIMEOUT; `DirectCallError` when the call did not reach the
   * function, and `VercelApiError` when its key cannot be read.
   */
  invoke(ref: FunctionRef, request: InvokeRequest, call: CallContext): Promise<InvokeResult>;
  /** So many calls at once that only warm. */
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
  /**
   * Asks a deployment, at its own address, whether it answers as the version.
   *
   * @throws `DirectCallError` for an answer that does not change by itself.
   */
  verify(input: VerifyInput, call: CallContext): Promise<Verdict>;
  /** The function was deployed or removed: the next call looks at it anew. */
  forget(ref: FunctionRef): void;
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 60_000;

export function createInvoker({ vercel, observe, settings, recorder }: InvokerParts): Invoker {
  const functions = new KeptFunctions((ref, call) => readFunction(vercel, observe, ref, call));
  const client = createDirectClient();
  /** By the address, what new deployments that do not answer yet were called with: each is looked at many times. */
  const looked = new Map<string, Credentials>();

  return {
    forget: (ref) => functions.forget(ref),

    async invoke(ref, request, call) {
      if (request.mode === 'sync') {
        return functions.use(ref, call, isStale, (known) => {
          const forget = (): void => functions.forget(ref, known);
          return invokeNow({ client, recorder, forget }, ref, known, request, call);
        });
      }
      if (!settings.queues) throw withoutQueues(ref.name);
      return functions.use(ref, call, isStale, (known) =>
        invokeLater(client, ref, known, request, call),
      );
    },

    warm: (ref, instances, call) =>
      functions.use(ref, call, isStale, async ({ live }) => {
        const { heads, distinctInstances } = await warmThrough(client, live.doors, instances, call);
        for (const head of heads) recorder.record(ref, recorded('warmed', call.clock.now(), head));
        return { distinctInstances };
      }),

    async verify({ projectId, host, functionId, version }, call) {
      const name = functionId.split('/').at(-1) ?? functionId;
      const { clock, signal } = call;
      const known =
        looked.get(host) ?? (await readCredentials(vercel, { projectId, functionId, name }, call));
      looked.delete(host);
      const { doors } = doorsOf(vercel.originOf(host), known);
      const again = (verdict: NotYet): NotYet => {
        looked.set(host, known);
        return verdict;
      };
      try {
        const answer = await sendThrough(
          client,
          doors,
          { kind: 'verify' },
          { requestId: crypto.randomUUID(), clock, signal, timeoutMs: VERIFY_TIMEOUT_MS },
        );
        const { version: other } = answer.$polyfaas;
        return other === version ? 'ok' : again(notYet(`version ${other}`));
      } catch (error) {
        // An instance that is still starting.
        if (error instanceof DirectTimeoutError) return again(notYet('none in time', error));
        if (!(error instanceof DirectCallError)) throw error;
        const failure = platformError(error, 0, { name, timeoutSeconds: Infinity });
        if (failure !== undefined) return failure;
        const verdict = verdictOf(error);
        // What was shown may be others by now.
        return verdict.doubt === 'protected' || error.refused !== undefined
          ? verdict
          : again(verdict);
      }
    },

    close: () => {
      looked.clear();
      return client.close();
    },
  };
}

async function readCredentials(
  vercel: VercelClients,
  about: { readonly projectId: string; readonly functionId: string; readonly name: string },
  call: CallContext,
): Promise<Credentials> {
  const { projectId, functionId, name } = about;
  const [variables, bypass] = await Promise.all([
    variablesOf(vercel, projectId, call),
    readBypass(vercel, projectId, call),
  ]);
  const variableId = variables.get(VARIABLE.invokeKeys)?.id;
  const keys = await readKeys(vercel, { projectId, variableId, name }, call);
  return { keys, bypass, functionId };
}

interface NowParts {
  readonly client: DirectClient;
  readonly recorder: Recorder;
  /** What is known of the function is no longer true. */
  readonly forget: () => void;
}

async function invokeNow(
  { client, recorder, forget }: NowParts,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace, version: wanted }: InvokeRequest,
  call: CallContext,
): Promise<InvokeResult> {
  const { clock, signal } = call;
  const called = wanted === undefined ? known.live : known.versions.get(wanted);
  if (called === undefined) throw noSuchVersion('vercel', ref, wanted ?? '');
  const { doors, memoryMb, timeoutSeconds } = called;
  const about = { name: ref.name, memoryMb, timeoutSeconds };
  const began = performance.now();
  let answer: DirectAnswer;
  try {
    answer = await sendThrough(client, doors, invokeBody(input, trace), {
      requestId,
      clock,
      signal,
      timeoutMs:
        (wanted === undefined ? known.longestSeconds : timeoutSeconds) * 1_000 + DIRECT_GRACE_MS,
      ...(wanted === undefined ? {} : { version: wanted }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    // Somebody else may have deployed a version that takes more time.
    if (error instanceof DirectTimeoutError) forget();
    const failure = platformError(error, performance.now() - began, about);
    if (failure !== undefined) {
      const outcome = failure.code === 'TIMEOUT' ? 'timeout' : 'error';
      recorder.record(ref, recorded(outcome, clock.now()));
    } else if (isThrottled(error)) {
      recorder.record(ref, recorded('throttled', clock.now()));
    }
    throw failure ?? error;
  }
  const { $polyfaas, error, timedOut } = answer;
  if (!isKnown(known, $polyfaas.version)) forget();
  const outcome = error === undefined ? 'ok' : timedOut === true ? 'timeout' : 'error';
  recorder.record(ref, recorded(outcome, clock.now(), $polyfaas));
  if (error !== undefined) throw handlerError(error, timedOut === true, about);
  return answeredResult(answer, requestId);
}

function isKnown({ liveVersion, versions }: KnownFunction, version: string): boolean {
  return version === liveVersion || versions.has(version);
}

/** The function itself puts the call into its topic: only it may write there. */
async function invokeLater(
  client: DirectClient,
  ref: FunctionRef,
  known: KnownFunction,
  { input, requestId, trace, version: wanted }: InvokeRequest,
  { clock, signal }: CallContext,
): Promise<InvokeResult> {
  const called = wanted === undefined ? known.live : known.versions.get(wanted);
  if (called === undefined) throw noSuchVersion('vercel', ref, wanted ?? '');
  const body = invokeBody(input, trace);
  const about = { requestId, clock, signal, timeoutMs: DIRECT_GRACE_MS };
  try {
    const { $polyfaas } = await sendThrough(client, called.later, body, about);
    return acceptedResult(requestId, $polyfaas.version);
  } catch (error) {
    throw laterError(error, ref.name) ?? error;
  }
}

function recorded(
  outcome: RecordedCall['outcome'],
  timeMs: number,
  head?: DirectAnswer['$polyfaas'],
): RecordedCall {
  return {
    timeMs,
    outcome,
    durationMs: head?.durationMs ?? null,
    coldStart: head?.coldStart ?? false,
    initDurationMs: head?.initDurationMs ?? null,
  };
}

/** Addresses that lead nowhere, bypass secrets that were revoked, keys that were changed. */
const STALE: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 401, 404, 410]);

function isStale(error: unknown): boolean {
  // Of another version, too: somebody else deployed, and the one that was live is called at its own address by now.
  return isStaleCall(error, STALE);
}
