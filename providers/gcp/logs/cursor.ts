/** Where a reader of the log stopped: an entry, opaque to the reader. */
import { ServerlessError } from 'polyfaas/spi';

export interface Position {
  /** RFC 3339, with nanoseconds, as Cloud Logging gave it. */
  readonly timestamp: string;
  readonly insertId: string;
}

export function encodeCursor({ timestamp, insertId }: Position): string {
  return Buffer.from(`log:${timestamp} ${insertId}`).toString('base64url');
}

/** @throws ServerlessError INVALID_ARGUMENT for what was not made by {@link encodeCursor}. */
export function decodeCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^log:(\d{4}-\d\d-\d\dT[\d:.]+Z) (\S+)$/.exec(text);
  if (match !== null) {
    const position = { timestamp: match[1] ?? '', insertId: match[2] ?? '' };
    if (encodeCursor(position) === cursor) return position;
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'gcp',
    message: `"${cursor.slice(0, 80)}" is not a cursor of this log. Pass the \`cursor\` of a log entry unchanged, or leave it out to begin at \`from\`.`,
    details: { field: 'cursor' },
  });
}
