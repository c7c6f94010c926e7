/** host.json: what the Functions host is told with the package. */
import type { JsonObject } from 'polyfaas/spi';
import { CONSUMPTION_SECONDS } from './capabilities.ts';
import type { PlanKind } from './model.ts';

/** The entry ends a call at its timeout; the host's own comes after, for code that blocks its thread. */
const GRACE_SECONDS = 30;

/** @param extensions what the bindings need, by extension. */
export function hostJsonOf(
  plan: PlanKind,
  timeoutSeconds: number,
  extensions: Readonly<Record<string, JsonObject>> = {},
): JsonObject {
  const seconds = timeoutSeconds + GRACE_SECONDS;
  return {
    version: '2.0',
    functionTimeout: timeSpan(
      plan === 'consumption' ? Math.min(seconds, CONSUMPTION_SECONDS) : seconds,
    ),
    // All triggers beyond HTTP and timers.
    extensionBundle: {
      id: 'Microsoft.Azure.Functions.ExtensionBundle',
      version: '[4.0.0, 5.0.0)',
    },
    extensions: {
      http: { routePrefix: '' },
      ...extensions,
      // Copies that are sent again are base64, and so are those of producers by default.
      queues: {
        ...extensions['queues'],
        messageEncoding: 'base64',
        maxPollingInterval: '00:00:05',
      },
    },
    logging: {
      // A sample would make counts and percentiles guesses.
      applicationInsights: { samplingSettings: { isEnabled: false } },
    },
  };
}

/** `00:10:00`, `1.00:00:30` */
export function timeSpan(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = [
    two(Math.floor((seconds % 86_400) / 3600)),
    two(Math.floor((seconds % 3600) / 60)),
    two(seconds % 60),
  ].join(':');
  return days === 0 ? clock : `${days}.${clock}`;
}
