/** How far an operation is: `google.cloud.functions.v2.OperationMetadata`. */
import type { FakeClock } from '../core/ports.ts';

const TYPE = 'type.googleapis.com/google.cloud.functions.v2.OperationMetadata';

/** Simulated time. A build takes one to two minutes of the real platform's. */
export const DEPLOY_MS = 60_000;
export const DELETE_MS = 15_000;

/** When each stage ends; the last one when the operation does. */
const STAGES = [
  { name: 'ARTIFACT_REGISTRY', startMs: 0, endMs: 3_000 },
  { name: 'BUILD', startMs: 3_000, endMs: 45_000 },
  { name: 'SERVICE', startMs: 45_000, endMs: Number.POSITIVE_INFINITY },
] as const;

export interface Progress {
  metadata(): object;
  end(): void;
}

export function progressOf(
  clock: FakeClock,
  options: {
    readonly target: string;
    readonly verb: 'create' | 'update' | 'delete';
    readonly buildName: string | undefined;
  },
): Progress {
  const { target, verb, buildName } = options;
  const startedAt = clock.now();
  let endedAt: number | undefined;
  const stateAt = (startMs: number, endMs: number): string => {
    const elapsed = clock.now() - startedAt;
    if (endedAt !== undefined || elapsed >= endMs) return 'COMPLETE';
    return elapsed >= startMs ? 'IN_PROGRESS' : 'NOT_STARTED';
  };
  return {
    metadata: () => ({
      '@type': TYPE,
      createTime: new Date(startedAt).toISOString(),
      ...(endedAt !== undefined && { endTime: new Date(endedAt).toISOString() }),
      target,
      verb,
      apiVersion: 'v2',
      operationType: `${verb.toUpperCase()}_FUNCTION`,
      stages: STAGES.filter(({ name }) => verb !== 'delete' || name === 'SERVICE').map(
        ({ name, startMs, endMs }) => ({
          name,
          message: name === 'BUILD' ? 'Building the container' : '',
          state: verb === 'delete' ? stateAt(0, endMs) : stateAt(startMs, endMs),
        }),
      ),
      ...(buildName !== undefined && { buildName }),
    }),
    end() {
      endedAt = clock.now();
    },
  };
}
