/** Cloud Monitoring alone, and what it has of one function. */
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/gcp/clients/create.ts';
import { readMetrics } from '../../../providers/gcp/metrics/index.ts';
import type { GcpObserved } from '../../../providers/gcp/model.ts';
import { EMPTY_RECORD, type VersionNote } from '../../../providers/gcp/record.ts';
import { type CallContext, type FunctionMetrics, NEVER_ABORTS } from '../../../src/spi/index.ts';
import { assembleWorld } from '../../fakes/gcp/core/assemble.ts';
import { createTelemetry, type Telemetry } from '../../fakes/gcp/telemetry/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { NUMBER, PROJECT, versionNote } from '../gcp-events/bindings.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
export const SERVICE = 'shop-dev-orders';

export interface Monitored {
  readonly telemetry: Telemetry;
  /** A request that a revision answered, half an hour ago. */
  called(revision: string): void;
  /** The memory that an instance of a revision took, as a share of the revision's limit. */
  used(revision: string, utilization: number): void;
  /** The last hour, of a function with these versions; the last one is live. */
  read(versions?: readonly VersionNote[]): Promise<FunctionMetrics>;
}

export function version(revision: string | null, memoryMb: number): VersionNote {
  const name = `${revision ?? 'none'} ${memoryMb}`;
  return { ...versionNote(30), version: name, digest: name, revision, memoryMb };
}

export async function monitored(): Promise<Monitored> {
  const clock = new ManualClock(NOW);
  const made: Telemetry[] = [];
  const fake = await assembleWorld(
    { clock },
    {
      telemetry(world) {
        const telemetry = createTelemetry(world);
        made.push(telemetry);
        return telemetry;
      },
    },
  );
  const [telemetry] = made;
  if (!telemetry) throw new Error('The world has no telemetry.');
  const gcp = createClients({
    projectId: PROJECT,
    projectNumber: NUMBER,
    location: fake.location,
    auth: fake.identity.authOf(fake.identity.deployer),
    endpoints: fake.endpoints,
    certificates: fake.identity.certificates,
    invokerServiceAccount: null,
  });
  onTestFinished(async () => {
    await gcp.close();
    await fake.stop();
  });
  const call: CallContext = {
    signal: NEVER_ABORTS,
    clock,
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('There are no artifacts here.')) },
    log: { log: () => undefined },
  };
  const timeMs = NOW - 30 * MINUTE_MS;
  return {
    telemetry,
    called: (revision) =>
      telemetry.request({
        service: SERVICE,
        revision,
        instanceId: 'one',
        traceId: '',
        said: undefined,
        timeMs,
        method: 'POST',
        url: `https://${SERVICE}.example/`,
        status: 200,
        latencyMs: 20,
      }),
    used: (revision, utilization) =>
      telemetry.memory({ service: SERVICE, revision, timeMs, utilization }),
    read: (versions = [version('one', 256)]) =>
      readMetrics(
        gcp,
        { app: 'shop', stage: 'dev', name: 'orders' },
        observed(versions),
        {
          from: new Date(NOW - 60 * MINUTE_MS).toISOString(),
          to: new Date(NOW).toISOString(),
        },
        call,
      ),
  };
}

function observed(versions: readonly VersionNote[]): GcpObserved {
  const seen: Partial<GcpObserved> = {
    physicalName: SERVICE,
    isStranger: false,
    function: {
      state: 'ACTIVE',
      service: null,
      url: null,
      labels: {},
      environment: 'GEN_2',
      serviceAccount: null,
      updateTime: '',
      built: { description: '', env: {}, runtime: null, concurrency: null, maxInstances: null },
    },
    record: { ...EMPTY_RECORD, live: versions.at(-1)?.version ?? null, versions },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- What numbers do not need is left out.
  return seen as GcpObserved;
}
