/** OpenTelemetry's own SDKs, registered for one test, and what reached them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context,
  type ContextManager,
  metrics,
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { onTestFinished } from 'vitest';

/** One series of a metric: a count, or how many values and their sum. */
export interface Series {
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number | undefined;
}

export interface Listening {
  /** Ended spans, in the order of their ends. */
  spans(): readonly ReadableSpan[];
  /** The one span of that name. */
  span(name: string): ReadableSpan;
  /** By name. */
  metrics(): Promise<
    Readonly<
      Record<
        string,
        {
          readonly unit: string;
          /** Of the library that made it. */
          readonly version: string | undefined;
          readonly series: readonly Series[];
        }
      >
    >
  >;
}

/** As Node programs have it: what is active stays so behind every await. */
function asyncContexts(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...values) =>
      storage.run(active, () => Reflect.apply(work, self, values)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

export function listen(): Listening {
  const spans = new InMemorySpanExporter();
  const tracers = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  const contexts = asyncContexts();
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  context.setGlobalContextManager(contexts);
  onTestFinished(async () => {
    trace.disable();
    metrics.disable();
    context.disable();
    // The other tests of this process are to find what a program without telemetry finds.
    Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
    await Promise.all([tracers.shutdown(), meters.shutdown()]);
  });
  return {
    spans: () => spans.getFinishedSpans(),
    span(name) {
      const found = spans.getFinishedSpans().filter((span) => span.name === name);
      const [only] = found;
      if (!only || found.length > 1) throw new Error(`${found.length} spans are called "${name}"`);
      return only;
    },
    async metrics() {
      await meters.forceFlush();
      const last = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
      return Object.fromEntries(
        last
          .flatMap(({ scope, metrics: made }) => made.map((one) => ({ ...one, scope })))
          .map(({ descriptor, dataPoints, scope }) => [
            descriptor.name,
            {
              unit: descriptor.unit,
              version: scope.version,
              series: dataPoints.map(({ attributes, value }) =>
                typeof value === 'number'
                  ? { attributes, count: value, sum: undefined }
                  : { attributes, count: value.count, sum: 'sum' in value ? value.sum : undefined },
              ),
            },
          ]),
      );
    },
  };
}
