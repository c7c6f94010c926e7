/** Where a reader of the log stopped: a time and a line, opaque to the reader. */
import { ServerlessError } from 'polyfaas/spi';

export interface Position {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** Tells the lines of one moment apart. */
  readonly key: string;
}

export function encodeCursor({ timeMs, key }: Position): string {
  return Buffer.from(`log:${timeMs}:${key}`).toString('base64url');
}

/** @throws ServerlessError INVALID_ARGUMENT for what was not made by {@link encodeCursor}. */
export function decodeCursor(cursor: string): Position {
  const match = /^log:(\d{1,15}):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match !== null) {
    const position = { timeMs: Number(match[1]), key: match[2] ?? '' };
    if (encodeCursor(position) === cursor) return position;
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'azure',
    message: `"${cursor.slice(0, 80)}" is not a cursor of this log. Pass the \`cursor\` of a log entry unchanged, or leave it out to begin at \`from\`.`,
    details: { field: 'cursor' },
  });
}
