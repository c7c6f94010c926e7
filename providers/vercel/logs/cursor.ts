/** Where a reader of the log stopped: an entry, opaque to the reader. */
import { ServerlessError } from 'polyfaas/spi';

export interface Position {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** Of the row, and of the line in it: unique among the function's. */
  readonly id: string;
}

export function encodeCursor({ timeMs, id }: Position): string {
  return Buffer.from(`log:${timeMs} ${id}`).toString('base64url');
}

/** @throws ServerlessError INVALID_ARGUMENT for what was not made by {@link encodeCursor}. */
export function decodeCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^log:(\d{1,16}) (\S+)$/.exec(text);
  if (match !== null) {
    const position = { timeMs: Number(match[1]), id: match[2] ?? '' };
    if (encodeCursor(position) === cursor) return position;
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'vercel',
    message: `"${cursor.slice(0, 80)}" is not a cursor of this log. Pass the \`cursor\` of a log entry unchanged, or leave it out to begin at \`from\`.`,
    details: { field: 'cursor' },
  });
}
