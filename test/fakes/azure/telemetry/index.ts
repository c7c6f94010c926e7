/** Azure Monitor: what functions print and do, as Application Insights, Log Analytics and metrics show it. */
import type { ArmCall, ArmProvider, TelemetryPort, WireReply, World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import { Components } from './components.ts';
import { Ingestion } from './ingestion.ts';
import { Metrics, type MetricTrouble } from './metrics.ts';
import { answerQuery } from './query-api.ts';
import { Workspaces } from './workspaces.ts';

export interface Telemetry extends TelemetryPort {
  /** `Microsoft.OperationalInsights` and `Microsoft.Insights`. */
  readonly providers: readonly ArmProvider[];
  /** Answers `{site}/providers/Microsoft.Insights/metrics`; undefined for other paths. */
  readonly metrics: (call: ArmCall) => WireReply | undefined;
  /** Metrics that cannot be read, once: by name, what Azure Monitor says of them. */
  readonly metricTroubles: Map<string, MetricTrouble>;
  /** The query API of Log Analytics, for tokens of `https://api.loganalytics.io`. */
  handle(request: PlaneRequest): Promise<WireReply>;
}

export function createTelemetry(world: World): Telemetry {
  const workspaces = new Workspaces(world);
  const components = new Components(world, workspaces);
  const ingestion = new Ingestion(world, workspaces, components);
  const metrics = new Metrics(world);
  return {
    trace: (entry) => ingestion.trace(entry),
    execution(entry) {
      ingestion.execution(entry);
      metrics.add(entry);
    },
    // What refers to the others goes first.
    providers: [components, workspaces],
    metrics: (call) => metrics.answer(call),
    metricTroubles: metrics.troubles,
    handle: (request) => Promise.resolve(answerQuery(world, workspaces, request)),
  };
}
