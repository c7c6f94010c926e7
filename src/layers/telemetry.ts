/**
 * OpenTelemetry spans and metrics, through the API package only. Names follow the semantic conventions for
 * FaaS (https://opentelemetry.io/docs/specs/semconv/faas/), version 1.37.
 */
import type { Attributes, Context, Meter, Span, SpanKind } from '@opentelemetry/api';
import { isOwnReason } from '../engine/cancellation.ts';
import { type ErrorCode, ServerlessError } from '../errors/index.ts';
import { parseTraceparent } from '../function/trace.ts';
import type { CallContext } from '../spi/provider.ts';
import { VERSION } from '../version.ts';
import { type CallInfo, isOperation, type Layer } from './layer.ts';

type Api = typeof import('@opentelemetry/api');

/** The invoked provider's name in the conventions; others keep their own id. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { azure: 'azure', aws: 'aws', gcp: 'gcp' };

const SCOPE = 'polyfaas';

/** The bounds that the conventions ask for. */
const SECONDS = {
  unit: 's',
  advice: {
    explicitBucketBoundaries: [
      0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ],
  },
};

export function telemetryLayer(api: Api, region: () => string | undefined): Layer {
  const tracer = api.trace.getTracer(SCOPE, VERSION);
  const instruments = instrumentsOf(api);

  const observe = (attributes: Attributes, startedAt: number, context: CallContext): void => {
    instruments().duration.record((context.clock.now() - startedAt) / 1000, attributes);
  };
  const succeeded = (value: unknown, attributes: Attributes, span: Span): void => {
    const { invocations, coldStarts, initDuration } = instruments();
    invocations.add(1, attributes);
    if (typeof value !== 'object' || value === null) return;
    if ('coldStart' in value && value.coldStart === true) {
      coldStarts.add(1, attributes);
      span.setAttribute('faas.coldstart', true);
    }
    if ('initDurationMs' in value && typeof value.initDurationMs === 'number') {
      initDuration.record(value.initDurationMs / 1000, attributes);
    }
  };
  const failed = (error: unknown, attributes: Attributes): void => {
    // Nobody waits for it any more: that is no failure of the function, or of the platform.
    if (isCancelledByCaller(error)) return;
    const { errors, timeouts } = instruments();
    const timedOut = ServerlessError.isInstance(error) && error.code === 'TIMEOUT';
    (timedOut ? timeouts : errors).add(1, attributes);
  };

  const begin = (info: CallInfo, context: CallContext) => {
    const attributes = attributesOf(info, region());
    const parent = parentOf(api, context);
    const options = { kind: kindOf(api, info), attributes };
    const span = tracer.startSpan(spanName(info), options, parent);
    if (info.requestId !== undefined) span.setAttribute('faas.invocation_id', info.requestId);
    const active = api.trace.setSpan(parent, span);
    return { attributes, span, active, traced: withTrace(api, active, context) };
  };

  return {
    name: 'telemetry',
    applies: () => true,
    async around(info, context, next) {
      const begun = quietly(() => begin(info, context));
      if (!begun) return next(context);
      const { attributes, span, active, traced } = begun;
      const startedAt = context.clock.now();
      const isInvoke = info.call === 'invoke';
      let call: ReturnType<typeof next> | undefined;
      const start = (): ReturnType<typeof next> => (call = next(traced));
      try {
        quietly(() => void api.context.with(active, start));
        const value = await (call ?? start());
        if (isInvoke) quietly(() => succeeded(value, attributes, span));
        return value;
      } catch (error) {
        if (isInvoke) quietly(() => failed(error, attributes));
        quietly(() => endInError(api, span, error, context.signal));
        throw error;
      } finally {
        if (isInvoke) quietly(() => observe(attributes, startedAt, context));
        quietly(() => span.end());
      }
    },
  };
}

/** The metrics of the conventions, made anew when the program registers another provider of them, or its first one. */
function instrumentsOf({ metrics }: Api) {
  const make = (meter: Meter) => ({
    // Those that succeeded: the conventions count failures apart.
    invocations: meter.createCounter('faas.invocations', { unit: '{invocation}' }),
    errors: meter.createCounter('faas.errors', { unit: '{error}' }),
    timeouts: meter.createCounter('faas.timeouts', { unit: '{timeout}' }),
    coldStarts: meter.createCounter('faas.coldstarts', { unit: '{coldstart}' }),
    duration: meter.createHistogram('faas.invoke_duration', SECONDS),
    initDuration: meter.createHistogram('faas.init_duration', SECONDS),
  });
  let registered = metrics.getMeterProvider();
  let made = make(registered.getMeter(SCOPE, VERSION));
  return () => {
    const now = metrics.getMeterProvider();
    if (now !== registered) {
      registered = now;
      made = make(now.getMeter(SCOPE, VERSION));
    }
    return made;
  };
}

function isCancelledByCaller(error: unknown): boolean {
  return ServerlessError.isInstance(error) && error.code === 'CANCELLED' && !error.retryable;
}

/** What watches a call never makes it fail: a tracer of the user's may throw. */
function quietly<Value>(watch: () => Value): Value | undefined {
  try {
    return watch();
  } catch {
    return undefined;
  }
}

/** Calls go to the platform; an operation is what they are made for. */
function kindOf({ SpanKind }: Api, { call }: CallInfo): SpanKind {
  return isOperation(call) ? SpanKind.INTERNAL : SpanKind.CLIENT;
}

function spanName(info: CallInfo): string {
  return info.function === undefined ? info.call : `${info.call} ${info.function}`;
}

function attributesOf(info: CallInfo, region: string | undefined): Attributes {
  return {
    'faas.invoked_provider': PROVIDER_NAMES[info.provider] ?? info.provider,
    ...(info.function === undefined ? {} : { 'faas.invoked_name': info.function }),
    ...(region === undefined ? {} : { 'faas.invoked_region': region }),
    ...(info.step === undefined ? {} : { 'polyfaas.step': info.step }),
  };
}

/** The trace that the caller named, else the span that is active in the caller. */
function parentOf(api: Api, { trace }: CallContext): Context {
  const active = api.context.active();
  const parent = trace && parseTraceparent(trace.traceparent);
  if (!parent) return active;
  const tracestate = trace?.tracestate;
  return api.trace.setSpanContext(active, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: api.createTraceState(tracestate) }),
  });
}

/** The span travels with the invocation. */
function withTrace(api: Api, active: Context, context: CallContext): CallContext {
  const spanContext = api.trace.getSpanContext(active);
  if (!spanContext || !api.isSpanContextValid(spanContext)) return context;
  const flags = spanContext.traceFlags.toString(16).padStart(2, '0');
  const tracestate = spanContext.traceState?.serialize();
  return {
    ...context,
    trace: {
      traceparent: `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`,
      ...(tracestate === undefined ? {} : { tracestate }),
    },
  };
}

function endInError(api: Api, span: Span, error: unknown, signal: AbortSignal): void {
  // Management calls end with what their caller, or close(), aborted with, whatever that is.
  const isReason = signal.aborted && error === signal.reason && !isOwnReason(error);
  const known = ServerlessError.isInstance(error) ? error.code : 'UNKNOWN';
  const code: ErrorCode = isReason ? 'CANCELLED' : known;
  span.setAttribute('error.type', code);
  if (isReason || isCancelledByCaller(error)) return;
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: code });
}
