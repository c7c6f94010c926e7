import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { ErrorCode } from '../../errors/index.ts';
import type { JsonObject } from '../../function/json.types.ts';
import type { LogEntry } from '../../spi/provider.ts';
import type { ContractContext, Deployed } from '../context.ts';

/** How a call is ended, and what is known of it then. */
export interface CallEnd {
  /** What the fixture does, once it has logged a line. */
  readonly next: JsonObject;
  readonly code: ErrorCode;
  /** Whether the log tells of the end itself, too, as an error. */
  readonly isTold: boolean;
  /** For how long in real time it is looked for, where the platform ends by real time what its clock cannot. */
  readonly patienceMs?: number;
}

const LOOK_EVERY_MS = 1_000;
const CLOCK_STEP_MS = 20_000;

/** A call that logs, and is then ended: the request id that its error carries finds what it logged. */
export async function foundAfter(
  t: ContractContext,
  { manager }: Pick<Deployed, 'manager'>,
  { next, code, isTold, patienceMs = 0 }: CallEnd,
): Promise<void> {
  const printing = (message: string, rest: JsonObject): JsonObject => ({
    op: 'print',
    lines: [{ level: 'info', message }],
    ...rest,
  });
  await manager.invoke('main', printing('of another call', {}));
  const { details } = await t.drive(
    t.refused(() => manager.invoke('main', printing('before the end', { next })), { code }),
  );
  const requestId = details?.['requestId'];
  assert.ok(typeof requestId === 'string', 'the error carries the request id');
  const entries: LogEntry[] = [];
  const what = isTold ? 'its line, and an error that tells of its end' : 'its line';
  const isFound = async (): Promise<boolean> => {
    entries.length = 0;
    const lines = manager.logs('main', { requestId, last: '1h' });
    for await (const entry of lines) entries.push(entry);
    const isLogged = entries.some(({ message }) => message === 'before the end');
    return isLogged && (!isTold || entries.some(({ level }) => level === 'error'));
  };
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_EVERY_MS) {
    if (await isFound()) break;
    // What is told is there after a while by the clock; the hour that is asked for must not be over by then.
    await t.subject.clock.advance(CLOCK_STEP_MS);
    await pause(LOOK_EVERY_MS);
  }
  await t.until(`the request id of the call finds ${what}`, isFound);
  assert.ok(!entries.some(({ message }) => message === 'of another call'));
  for (const entry of entries) assert.equal(entry.requestId, requestId);
}
