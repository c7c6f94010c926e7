/** Vercel's metrics and runtime logs: what is told of everything that runs. */
import type { ApiService, TelemetryPort, World } from '../core/ports.ts';
import type { Invocation } from './catalog.ts';
import { createMetricsApi } from './metrics-api.ts';
import { createRequestLogs } from './request-logs.ts';
import { createRuntimeLogs } from './runtime-logs.ts';

/** `stop` ends the logs that somebody still follows. */
export function createTelemetry(
  world: World,
): TelemetryPort & { readonly services: readonly ApiService[]; stop(): void } {
  const invocations: Invocation[] = [];
  const live = createRuntimeLogs(world);
  const past = createRequestLogs(world);
  return {
    services: [createMetricsApi(world, invocations), live.service, past.service],
    line(entry) {
      live.line(entry);
      past.line(entry);
    },
    invocation({ request, ...entry }) {
      const environment = world.projects.deploymentById(entry.deploymentId)?.target ?? 'preview';
      invocations.push({ ...entry, environment });
      past.invocation({ ...entry, request });
    },
    stop: () => live.stop(),
  };
}
