/** Where a reader of the log stopped: a time and an event, opaque to the reader. */
import { ServerlessError } from 'polyfaas/spi';

export interface Position {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly eventId: string;
}

export function encodeCursor({ timestamp, eventId }: Position): string {
  return Buffer.from(`log:${timestamp}:${eventId}`).toString('base64url');
}

/** @throws ServerlessError INVALID_ARGUMENT for what was not made by {@link encodeCursor}. */
export function decodeCursor(cursor: string): Position {
  const match = /^log:(\d{1,15}):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match !== null) {
    const position = { timestamp: Number(match[1]), eventId: match[2] ?? '' };
    if (encodeCursor(position) === cursor) return position;
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    message: `"${cursor.slice(0, 80)}" is not a cursor of this log. Pass the \`cursor\` of a log entry unchanged, or leave it out to begin at \`from\`.`,
    details: { field: 'cursor' },
  });
}
