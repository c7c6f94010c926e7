/** Direct calls: invocations, warm-ups and the look whether a version starts. */
import type { InvokeCommandOutput } from '@aws-sdk/client-lambda';
import {
  type CallContext,
  type FunctionRef,
  type InvokeRequest,
  type InvokeResult,
  KeptFunctions,
  noSuchVersion,
  notDeployed,
  type Random,
  ServerlessError,
  type TraceContext,
  WARM_HOLD_MS,
} from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import type { EnvelopeHead, InvokeEnvelope } from '../envelope.ts';
import { LIVE } from '../model.ts';
import { functionError } from './function-error.ts';
import { type KnownFunction, type Observe, readFunction } from './known-functions.ts';
import { readLogTail } from './log-tail.ts';
import { decodePayload, encodePayload, openReply } from './payload.ts';
import { newTrace } from './sampling.ts';
import { sendInvoke } from './send.ts';
import { toXRay } from '../trace.ts';

/** What the invoker is made of. */
export interface InvokerParts {
  readonly aws: AwsClients;
  /** Without the versions that are not live. */
  readonly observe: Observe;
  /** Told of each call that failed inside, with its id and Lambda's. */
  readonly failed?: (requestId: string, awsRequestId: string) => void;
  readonly options: {
    /** The share of synchronous calls that ask for the end of their log: 0 to 1. */
    readonly logTailSampleRate: number;
  };
}

export interface Invoker {
  /**
   * @throws ServerlessError NOT_FOUND, FUNCTION_FAILED, TIMEOUT, PAYLOAD_TOO_LARGE; what the SDK throws when Lambda
   * does not take the call.
   */
  invoke(ref: FunctionRef, request: InvokeRequest, call: CallContext): Promise<InvokeResult>;
  /**
   * So many calls at once that only warm.
   *
   * @throws ServerlessError UNSUPPORTED for code without the shim, which would run as if somebody had called it.
   */
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
  /**
   * Starts an instance of a version to see that it starts. Code without the shim is not called.
   *
   * @throws ServerlessError with the reason when it does not start.
   */
  verify(
    target: { readonly ref: FunctionRef; readonly physicalName: string },
    version: string,
    hasShim: boolean,
    call: CallContext,
  ): Promise<void>;
  /** What is known of a function that is there and ours; NOT_FOUND otherwise. */
  known(ref: FunctionRef, call: CallContext): Promise<KnownFunction>;
  /** The function was deployed or removed: the next call looks at it anew. */
  forget(ref: FunctionRef): void;
}

/** So long what is known of a function is good for: another process may deploy or remove it. */
const KEPT_MS = 60_000;

export function createInvoker(parts: InvokerParts): Invoker {
  const functions = new KeptFunctions(
    (ref, call) => readFunction(parts.observe, ref, call),
    KEPT_MS,
  );
  return {
    known: (ref, call) => functions.get(ref, call),
    forget: (ref) => functions.forget(ref),

    async invoke(ref, request, call) {
      const known = functions.peek(ref, call) ?? (await functions.get(ref, call));
      if (request.version !== undefined && !/^\d+$/.test(request.version)) {
        throw noSuchVersion('aws', ref, request.version);
      }
      try {
        const result = await invokeKnown(parts, ref, known, request, call);
        // Another process deployed meanwhile.
        if (request.version === undefined && !known.versions.has(result.version)) {
          functions.forget(ref, known);
        }
        return result;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        functions.forget(ref, known);
        throw request.version === undefined
          ? notDeployed('aws', ref)
          : noSuchVersion('aws', ref, request.version);
      }
    },

    async warm(ref, instances, call) {
      const known = await functions.get(ref, call);
      if (!known.hasShim) throw notWarmable(ref);
      const head: EnvelopeHead = { kind: 'warm', holdMs: WARM_HOLD_MS };
      const payload = encodePayload(ref.name, 'sync', null, head);
      const input = { FunctionName: known.physicalName, Qualifier: LIVE, Payload: payload };
      const replies = await Promise.allSettled(
        Array.from({ length: instances }, () => sendInvoke(parts.aws, input, undefined, call)),
      );
      return { distinctInstances: countInstances(ref, known, replies) };
    },

    async verify({ ref, physicalName }, version, hasShim, call) {
      if (!hasShim) return;
      const payload = encodePayload(ref.name, 'sync', null, { kind: 'verify' });
      const input = { FunctionName: physicalName, Qualifier: version, Payload: payload };
      const reply = await sendInvoke(parts.aws, input, undefined, call);
      if (reply.FunctionError === undefined) return;
      const about = { name: ref.name, memoryMb: null, timeoutSeconds: null };
      throw functionError(decodePayload(reply.Payload), about, true);
    },
  };
}

async function invokeKnown(
  { aws, options, failed }: InvokerParts,
  ref: FunctionRef,
  known: KnownFunction,
  request: InvokeRequest,
  call: CallContext,
): Promise<InvokeResult> {
  const { mode, requestId, trace, version, input } = request;
  const head = known.hasShim ? envelopeHead(request, call) : undefined;
  const isSync = mode === 'sync';
  const wantsTail = isSync && sampled(options.logTailSampleRate, call.random);
  const reply = await sendInvoke(
    aws,
    {
      FunctionName: known.physicalName,
      Qualifier: version ?? LIVE,
      InvocationType: isSync ? 'RequestResponse' : 'Event',
      ...(wantsTail ? { LogType: 'Tail' } : {}),
      Payload: encodePayload(ref.name, mode, input, head),
    },
    traceHeader(known, trace, call),
    call,
  );
  const result: InvokeResult = {
    output: null,
    requestId,
    version: reply.ExecutedVersion ?? version ?? known.liveVersion,
    coldStart: false,
    durationMs: null,
    initDurationMs: null,
    instanceId: null,
  };
  if (!isSync) return result;
  const report = readLogTail(reply.LogResult);
  if (report !== undefined) {
    call.log.log('debug', 'The report of a call', { ...report, function: ref.name, requestId });
  }
  const payload = decodePayload(reply.Payload);
  if (reply.FunctionError !== undefined) {
    const { memoryMb, timeoutSeconds } = known;
    const awsRequestId = reply.$metadata.requestId;
    if (awsRequestId !== undefined) failed?.(requestId, awsRequestId);
    throw functionError(payload, { name: ref.name, memoryMb, timeoutSeconds }, known.hasShim);
  }
  const opened = head === undefined ? undefined : openReply(payload);
  if (opened === undefined) {
    const durationMs = report?.durationMs ?? null;
    const initDurationMs = report?.initDurationMs ?? null;
    const coldStart = initDurationMs !== null;
    return { ...result, output: payload, durationMs, initDurationMs, coldStart };
  }
  const { coldStart, durationMs, initDurationMs, instanceId } = opened.head;
  return { ...result, output: opened.data, coldStart, durationMs, initDurationMs, instanceId };
}

function envelopeHead(
  { requestId, trace, mode }: InvokeRequest,
  { clock }: CallContext,
): InvokeEnvelope {
  return {
    kind: 'invoke',
    requestId,
    ...(trace === undefined ? {} : trace),
    ...(mode === 'async' ? { asyncSentAt: clock.now() } : {}),
  };
}

function traceHeader(
  { sampleRate }: KnownFunction,
  trace: TraceContext | undefined,
  call: CallContext,
): string | undefined {
  if (trace !== undefined) return toXRay(trace.traceparent);
  return sampleRate === null ? undefined : newTrace(sampleRate, call);
}

function sampled(rate: number, random: Random): boolean {
  return rate > 0 && (rate >= 1 || random() < rate);
}

/** Calls that were refused for want of room warmed nothing; the others did. */
function countInstances(
  ref: FunctionRef,
  known: KnownFunction,
  replies: readonly PromiseSettledResult<InvokeCommandOutput>[],
): number {
  const ids = new Set<string>();
  let refused: { readonly cause: unknown } | undefined;
  for (const reply of replies) {
    if (reply.status === 'rejected') {
      if (!isThrottle(reply.reason)) throw reply.reason;
      refused = { cause: reply.reason };
      continue;
    }
    const payload = decodePayload(reply.value.Payload);
    if (reply.value.FunctionError !== undefined) {
      throw functionError(payload, { ...known, name: ref.name }, true);
    }
    const id = openReply(payload)?.head.instanceId;
    if (id !== undefined) ids.add(id);
  }
  if (ids.size === 0 && refused !== undefined) throw refused.cause;
  return ids.size;
}

function isThrottle(error: unknown): boolean {
  return error instanceof Error && error.name === 'TooManyRequestsException';
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}

function notWarmable(ref: FunctionRef): ServerlessError {
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'aws',
    function: ref.name,
    message: `"${ref.name}" cannot be warmed by calls: images, other runtimes and zips that are ready hold no code of polyfaas, so a warm-up would run the function. Declare minInstances to keep instances ready.`,
  });
}
