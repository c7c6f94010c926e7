import assert from 'node:assert/strict';
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
}

/** A call that logs, and is then ended: the request id that its error carries finds what it logged. */
export async function foundAfter(
  t: ContractContext,
  { manager }: Pick<Deployed, 'manager'>,
  { next, code, isTold }: CallEnd,
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
  if (!t.supports('logs.query')) return;
  const requestId = details?.['requestId'];
  assert.ok(typeof requestId === 'string', 'the error carries the request id');
  const entries: LogEntry[] = [];
  const what = isTold ? 'its line, and an error that tells of its end' : 'its line';
  await t.until(`the request id of the call finds ${what}`, async () => {
    entries.length = 0;
    const lines = manager.logs('main', { requestId, last: '1h' });
    for await (const entry of lines) entries.push(entry);
    const isLogged = entries.some(({ message }) => message === 'before the end');
    return isLogged && (!isTold || entries.some(({ level }) => level === 'error'));
  });
  assert.ok(!entries.some(({ message }) => message === 'of another call'));
  for (const entry of entries) assert.equal(entry.requestId, requestId);
}
