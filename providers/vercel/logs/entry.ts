/** Rows of Vercel's runtime logs, and what they are to a reader. */
import {
  jsonObject,
  numberAt,
  objectAt,
  parsedJson,
  textAt,
  type JsonValue,
  type LogEntry,
  type LogLevel,
} from 'polyfaas/spi';
import { encodeCursor, type Position } from './cursor.ts';

export interface Line extends Position {
  readonly entry: LogEntry;
  /** Of the first line of ours in its row: orders the rows that an instance wrote in one moment. */
  readonly seq: number;
  readonly rowId: string;
  /** In its row. */
  readonly index: number;
}

/** `level` of a row. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'error',
};

/** Rows of Vercel's own: of a request, and of the end of the stream. */
const NOT_PRINTED: ReadonlySet<string> = new Set(['request', 'delimiter']);

/** The entries in one row of the log, which holds one or several printed lines; none of what is Vercel's or ours alone. */
export function linesOf(text: string): readonly Line[] {
  const row = parsedJson(text);
  const timeMs = numberAt(row, 'timestampInMs');
  const message = textAt(row, 'message') ?? '';
  if (timeMs === undefined || message === '') return [];
  if (NOT_PRINTED.has(textAt(row, 'source') ?? '')) return [];
  const rowId = (textAt(row, 'rowId') ?? '').replaceAll(/\s/g, '') || '-';
  const level = LEVELS[textAt(row, 'level') ?? ''] ?? 'info';
  const pieces = piecesOf(message).map((piece) => ({
    piece,
    own: piece.startsWith('{') ? parsedJson(piece) : undefined,
  }));
  const [seq = 0] = pieces.flatMap(({ own }) => numberAt(own, 'seq') ?? []);
  return pieces.flatMap(({ piece, own }, index) => {
    const kind = textAt(own, 'polyfaas');
    if (kind === 'call') return [];
    const position = { timeMs, id: `${rowId}.${index}` };
    const entry = {
      time: new Date(timeMs).toISOString(),
      ...(kind === undefined ? { level, message: piece } : ownParts(own)),
      cursor: encodeCursor(position),
    };
    return [{ ...position, seq, rowId, index, entry }];
  });
}

/** What a user prints stays in one piece; our lines stand by themselves. */
function piecesOf(message: string): readonly string[] {
  const lines = message.split('\n').filter((line) => line !== '');
  return lines.some((line) => line.startsWith('{') && line.includes('"polyfaas"'))
    ? lines
    : [message.replace(/\n$/, '')];
}

function ownParts(line: JsonValue | undefined): Omit<LogEntry, 'time' | 'cursor'> {
  const requestId = textAt(line, 'requestId') ?? '';
  const version = textAt(line, 'version') ?? '';
  const fields = objectAt(line, 'fields');
  return {
    level: LEVELS[textAt(line, 'level') ?? ''] ?? 'info',
    message: textAt(line, 'message') ?? '',
    ...(requestId === '' ? {} : { requestId }),
    ...(version === '' ? {} : { version }),
    ...(Object.keys(fields).length === 0 ? {} : { fields: jsonObject(fields) }),
  };
}
