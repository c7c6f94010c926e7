/** The whole of Google Cloud, as far as it is used: every part in its place. */
import { assembleWorld, type FakeWorld, type WorldOptions } from './core/assemble.ts';
import { createEventarc } from './eventarc/index.ts';
import { createFirestore } from './firestore/index.ts';
import { createPubSub } from './pubsub/index.ts';
import { createRun } from './run/index.ts';
import { createRuntime } from './runtime/index.ts';
import { createScheduler } from './scheduler/index.ts';
import { createStorage } from './storage/index.ts';
import { createTelemetry } from './telemetry/index.ts';

export type { FakeWorld, WorldOptions } from './core/assemble.ts';

export function createWorld(options: WorldOptions): Promise<FakeWorld> {
  return assembleWorld(options, {
    runtime: (world) => createRuntime(world),
    run: createRun,
    pubsub: createPubSub,
    storage: createStorage,
    firestore: createFirestore,
    telemetry: createTelemetry,
    scheduler: createScheduler,
    eventarc: createEventarc,
  });
}
