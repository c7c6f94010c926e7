/** CloudWatch alone, which refuses what it is told to. */
import { createClients, type AwsClients } from '../../../providers/aws/clients/index.ts';
import { type CallContext, NEVER_ABORTS } from '../../../src/spi/index.ts';
import type { World } from '../../fakes/aws/core/ports.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { createLogsService } from '../../fakes/aws/logs/index.ts';
import { createMonitoringService } from '../../fakes/aws/monitoring/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export const NAME = 'shop-test-orders';
export const GROUP = `/aws/lambda/${NAME}`;

/** Which calls of one operation are refused, by their number from 0, and with which error. */
export interface Refusals {
  readonly operation: string;
  readonly refuses: (count: number) => boolean;
  readonly type: string;
  readonly message: string;
}

export interface Watching {
  readonly aws: AwsClients;
  readonly clock: ManualClock;
  readonly call: CallContext;
}

export async function watching<Value>(
  { operation, refuses, type, message }: Refusals,
  look: (parts: Watching) => Promise<Value>,
): Promise<Value> {
  const clock = new ManualClock(Date.now());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Only what these services need is there.
  const world = { clock, account: '123456789012', region: 'eu-central-1' } as unknown as World;
  let count = -1;
  const server = await FakeServer.start({
    intercept: (exchange) => {
      if (exchange.operation !== operation) return exchange.act();
      count += 1;
      if (!refuses(count)) return exchange.act();
      return Promise.resolve({ status: 400, body: JSON.stringify({ __type: type, message }) });
    },
  });
  server.add(createLogsService(world));
  server.add(createMonitoringService(world));
  const aws = createClients({
    region: 'eu-central-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' },
    profile: undefined,
    assumeRole: undefined,
    maxSockets: 4,
  });
  const call: CallContext = {
    signal: NEVER_ABORTS,
    clock: new WaitingClock(clock),
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('no artifacts here')) },
    log: { log: () => {} },
  };
  try {
    await (await aws.logs()).createLogGroup({ logGroupName: GROUP });
    return await look({ aws, clock, call });
  } finally {
    aws.close();
    await server.stop();
  }
}
