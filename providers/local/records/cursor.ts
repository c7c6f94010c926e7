/** Where a reader of the log stopped: a row number, opaque to the reader. */
import { ServerlessError } from 'polyfaas/spi';

export function encodeCursor(rowId: number): string {
  return Buffer.from(`log:${rowId}`).toString('base64url');
}

/** @throws ServerlessError INVALID_ARGUMENT for what was not made by {@link encodeCursor}. */
export function decodeCursor(cursor: string): number {
  const match = /^log:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  const rowId = Number(match?.[1] ?? Number.NaN);
  if (encodeCursor(rowId) === cursor) return rowId;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'local',
    message: `"${cursor.slice(0, 80)}" is not a cursor of this log. Pass the \`cursor\` of a log entry unchanged, or leave it out to begin at \`from\`.`,
    details: { field: 'cursor' },
  });
}
