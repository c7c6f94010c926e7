/** The whole of Vercel, as far as it is used: every part in its place. */
import { assembleWorld, type FakeWorld, type WorldOptions } from './core/assemble.ts';
import { createCrons } from './crons/index.ts';
import { createDeployments } from './deployments/index.ts';
import { createEdge } from './edge/index.ts';
import { createQueues } from './queues/index.ts';
import { createTelemetry } from './telemetry/index.ts';

export type { FakeWorld, WorldOptions } from './core/assemble.ts';

export function createWorld(options: WorldOptions): Promise<FakeWorld> {
  return assembleWorld(options, {
    deployments: createDeployments,
    edge: createEdge,
    telemetry: createTelemetry,
    queues: createQueues,
    crons: createCrons,
  });
}
