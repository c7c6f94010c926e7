/** Lines that the host itself writes into a site's log. */
import type { World } from '../core/ports.ts';

/** A line of the host itself in the site's log. Severity: 1 information, 2 warning, 3 error. */
export function hostTrace(
  world: World,
  siteId: string,
  line: {
    readonly message: string;
    readonly severity: 1 | 2 | 3;
    readonly functionName?: string;
  },
): void {
  world.telemetry.trace({
    siteName: siteId.split('/').at(-1) ?? '',
    timeMs: world.clock.now(),
    message: line.message,
    severity: line.severity,
    operationId: '',
    functionName: line.functionName ?? '',
    instanceId: '',
  });
}
