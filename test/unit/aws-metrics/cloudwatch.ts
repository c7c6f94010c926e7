/** CloudWatch and an empty CloudWatch Logs, and what is in them of a function that is not there. */
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/aws/clients/index.ts';
import { readMetrics } from '../../../providers/aws/metrics/index.ts';
import { type CallContext, type FunctionMetrics, NEVER_ABORTS } from '../../../src/spi/index.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { createLogsService } from '../../fakes/aws/logs/index.ts';
import { createMonitoringService } from '../../fakes/aws/monitoring/index.ts';
import type { Troubles } from '../../fakes/aws/monitoring/troubles.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const NOW = Date.UTC(2026, 10, 20, 12);
export const NAME = 'shop-test-orders';
const REGION = 'eu-central-1';
const LIVE = { FunctionName: NAME, Resource: `${NAME}:live` };

export interface CloudWatchOnly {
  readonly troubles: Troubles;
  /** A call that began so many milliseconds before now. */
  called(agoMs: number): void;
  /** The window from so long ago to so long ago. */
  read(fromAgoMs: number, toAgoMs: number): Promise<FunctionMetrics>;
}

export async function cloudWatchOnly(): Promise<CloudWatchOnly> {
  const clock = new ManualClock(NOW - 60_000);
  const monitoring = createMonitoringService({ clock });
  const server = await FakeServer.start();
  server.add(monitoring);
  server.add(createLogsService({ clock, account: '123456789012', region: REGION }));
  const aws = createClients({
    region: REGION,
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    profile: undefined,
    assumeRole: undefined,
    maxSockets: 4,
  });
  onTestFinished(async () => {
    aws.close();
    await server.stop();
  });
  const call: CallContext = {
    signal: NEVER_ABORTS,
    clock,
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('There are no artifacts here.')) },
    log: { log: () => undefined },
  };
  return {
    troubles: monitoring.troubles,
    called(agoMs) {
      for (const [name, value] of [
        ['Invocations', 1],
        ['Errors', 0],
        ['Throttles', 0],
        ['Duration', 20],
      ] as const) {
        monitoring.port.put('AWS/Lambda', name, LIVE, value, NOW - agoMs);
      }
    },
    async read(fromAgoMs, toAgoMs) {
      // Samples are seen a minute after they were put.
      if (clock.now() < NOW) await clock.advance(NOW - clock.now());
      const [from, to] = [fromAgoMs, toAgoMs].map((agoMs) => new Date(NOW - agoMs).toISOString());
      const query = { from: from ?? '', to: to ?? '' };
      return readMetrics(aws, { functionName: NAME, timeoutSeconds: 5 }, query, call);
    },
  };
}
