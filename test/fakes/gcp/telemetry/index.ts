/** Cloud Logging and Cloud Monitoring: what is told of everything that runs. */
import type { ApiService, TelemetryPort, World } from '../core/ports.ts';
import { createLogging } from './logging.ts';
import { createMonitoring, type ExecutionError } from './monitoring.ts';
import type { Sample } from './samples.ts';

export interface Telemetry extends TelemetryPort {
  readonly services: readonly ApiService[];
  /** Metrics that cannot be read, once: by name without `run.googleapis.com/`, what Cloud Monitoring says of them. */
  readonly metricTroubles: Map<string, ExecutionError>;
}

export function createTelemetry(world: World): Telemetry {
  const samples: Sample[] = [];
  const metricTroubles = new Map<string, ExecutionError>();
  const logging = createLogging(world);
  return {
    services: [logging.service, createMonitoring(world, samples, metricTroubles)],
    metricTroubles,
    line: (entry) => logging.line(entry),
    request(entry) {
      logging.request(entry);
      if (entry.instanceId === undefined) return;
      const { service, revision, timeMs, status, latencyMs } = entry;
      const labels = {
        response_code: String(status),
        response_code_class: `${Math.floor(status / 100)}xx`,
      };
      const base = { service, revision, timeMs, labels };
      samples.push(
        { ...base, metric: 'request_count', value: 1 },
        { ...base, metric: 'request_latencies', value: latencyMs },
      );
    },
    startup({ service, revision, timeMs, latencyMs }) {
      const metric = 'container/startup_latencies';
      samples.push({ metric, service, revision, timeMs, labels: {}, value: latencyMs });
    },
    memory({ service, revision, timeMs, utilization }) {
      const metric = 'container/memory/utilizations';
      samples.push({ metric, service, revision, timeMs, labels: {}, value: utilization });
    },
  };
}
