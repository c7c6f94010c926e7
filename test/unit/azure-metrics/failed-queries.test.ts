/** Azure Monitor answers 200 for metrics that it could not read: that is no 0. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClients } from '../../../providers/azure/clients/create.ts';
import { readMonitor } from '../../../providers/azure/metrics/monitor.ts';
import { type CallContext, NEVER_ABORTS } from '../../../src/spi/index.ts';
import { readCall } from '../../fakes/azure/arm/read-call.ts';
import { Identity } from '../../fakes/azure/core/identity.ts';
import { PlaneServers } from '../../fakes/azure/core/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { executionAt, makeMonitor, SITE } from '../azure-fake-telemetry/setup.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const COUNT = 'OnDemandFunctionExecutionCount';

/** Azure Monitor alone behind Resource Manager's wire, and a call of a site on Flex Consumption. */
async function monitorOnly() {
  const { clock, telemetry } = makeMonitor();
  const identity = new Identity(() => undefined);
  const servers = new PlaneServers({
    callerOf: (token, audience) => identity.callerOf(token, audience),
  });
  const endpoint = await servers.open({
    name: 'arm',
    audience: 'https://management.azure.com',
    handle: (request) =>
      Promise.resolve(telemetry.metrics(readCall(request)) ?? { status: 404, body: {} }),
  });
  const azure = createClients({
    subscriptionId: 's',
    location: 'westeurope',
    endpoint,
    logsEndpoint: endpoint,
    cloud: 'public',
    credential: identity.credentialOf(identity.deployer),
  });
  onTestFinished(async () => {
    azure.close();
    await servers.stop();
  });
  telemetry.execution(executionAt(START));
  await clock.advance(10 * MINUTE_MS);
  const call: CallContext = {
    signal: NEVER_ABORTS,
    clock: new ManualClock(clock.now()),
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('There are no artifacts here.')) },
    log: { log: () => undefined },
  };
  const place = {
    siteName: 'shop-orders',
    siteId: SITE,
    memoryMb: 2048,
    isFlex: true,
    workspace: null,
  };
  const window = { fromMs: START, toMs: START + MINUTE_MS };
  return { telemetry, read: () => readMonitor(azure, place, window, call) };
}

describe('a metric that Azure Monitor could not read', () => {
  it('is an error that may be gone the next time', async () => {
    const { telemetry, read } = await monitorOnly();
    telemetry.metricTroubles.set(COUNT, {
      errorCode: 'InternalServerError',
      errorMessage: 'The metric store is busy.',
    });
    await expect(read()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      provider: 'azure',
      message: `Azure Monitor could not read the metric ${COUNT} of shop-orders: InternalServerError (The metric store is busy.). Run the same operation again.`,
    });
    expect(await read()).toMatchObject({ invocations: 1 });
  });

  it('is refused for good where it may not be read', async () => {
    const { telemetry, read } = await monitorOnly();
    telemetry.metricTroubles.set(COUNT, { errorCode: 'Forbidden' });
    await expect(read()).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `Azure Monitor could not read the metric ${COUNT} of shop-orders: Forbidden. Give the credentials in use the role "Monitoring Reader" on its resource group.`,
    });
  });
});
