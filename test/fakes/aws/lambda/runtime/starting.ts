import type { World } from '../../core/ports.ts';
import { type Failure, failureOf } from './failures.ts';
import type { Instance, Outcome } from './instance.ts';
import { afterSimulated } from './patience.ts';
import { initReportLines } from './platform-lines.ts';

/** How long code may take to start (Lambda: "Init phase ... limited to 10 seconds"), and what it gets of real time. */
const START_MS = 10_000;
const START_GRANTED_MS = 4000;

/** Waits for the start of an instance, and ends one that does not come to its end. */
export async function startOf(world: World, instance: Instance): Promise<Outcome> {
  const cancel = afterSimulated(world.clock, START_MS, START_GRANTED_MS, () =>
    instance.kill({ kind: 'timeout' }),
  );
  const outcome = await instance.started;
  cancel();
  return outcome;
}

/** The failure of a start, undefined when it went well; its report goes to the log. */
export function reportStart(
  world: World,
  instance: Instance,
  outcome: Outcome,
  requestId: string,
): Failure | undefined {
  const time = new Date(world.clock.now()).toISOString();
  const { config, initialization, initMs } = instance;
  const failure =
    outcome.kind === 'done'
      ? undefined
      : failureOf(outcome, { requestId, time, timeoutSeconds: config.timeoutSeconds });
  const lines = initReportLines(config, time, {
    initialization,
    durationMs: initMs,
    ...(failure && { failure }),
  });
  for (const line of lines) instance.log.line(line);
  return failure;
}
