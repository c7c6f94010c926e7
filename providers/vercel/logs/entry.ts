/** Rows of Vercel's logs, live and by request, and what they are to a reader. */
import {
  jsonObject,
  listAt,
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
  /** The same in the live log and in that of requests; of ours, no other line's. */
  readonly mark: string;
  /** Written by our own entry, and not printed by the code. */
  readonly isOwn: boolean;
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

/** The entries in one row of the live log, which holds one or several printed lines; none of what is Vercel's or ours alone. */
export function linesOf(text: string): readonly Line[] {
  const row = parsedJson(text);
  const timeMs = numberAt(row, 'timestampInMs');
  if (row === undefined || timeMs === undefined) return [];
  if (NOT_PRINTED.has(textAt(row, 'source') ?? '')) return [];
  return linesIn(textAt(row, 'rowId') ?? '', timeMs, [row]);
}

/** The entries of one request: all that it printed, in that order. They have its time, for they are not told their own. */
export function linesOfRequest(row: JsonValue): readonly Line[] {
  const timeMs = timeOfRequest(row);
  if (timeMs === undefined) return [];
  return linesIn(textAt(row, 'requestId') ?? '', timeMs, listAt(row, 'logs'));
}

/** Milliseconds since the epoch; Vercel tells it as a number or as text. */
export function timeOfRequest(row: JsonValue): number | undefined {
  const timeMs = numberAt(row, 'timestamp') ?? Date.parse(textAt(row, 'timestamp') ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** @param printed each with `level` and `message`. */
function linesIn(id: string, timeMs: number, printed: readonly JsonValue[]): readonly Line[] {
  const rowId = id.replaceAll(/\s/g, '') || '-';
  const pieces = printed.flatMap((one) => {
    const level = LEVELS[textAt(one, 'level') ?? ''] ?? 'info';
    return piecesOf(textAt(one, 'message') ?? '').map((piece) => ({
      level,
      piece,
      own: piece.startsWith('{') ? parsedJson(piece) : undefined,
    }));
  });
  const [seq = 0] = pieces.flatMap(({ own }) => numberAt(own, 'seq') ?? []);
  return pieces.flatMap(({ level, piece, own }, index) => {
    const kind = textAt(own, 'polyfaas');
    if (kind === 'call') return [];
    const position = { timeMs, id: `${rowId}.${index}` };
    const isOwn = kind !== undefined;
    const entry = {
      time: new Date(timeMs).toISOString(),
      ...(isOwn ? ownParts(own) : { level, message: piece }),
      cursor: encodeCursor(position),
    };
    return [{ ...position, seq, rowId, index, entry, isOwn, mark: piece }];
  });
}

/** The order of lines that were read together. */
export function inTime(one: Line, other: Line): number {
  if (one.timeMs !== other.timeMs) return one.timeMs - other.timeMs;
  if (one.seq !== other.seq) return one.seq - other.seq;
  if (one.rowId !== other.rowId) return one.rowId < other.rowId ? -1 : 1;
  return one.index - other.index;
}

/** What a user prints stays in one piece; our lines stand by themselves. */
function piecesOf(message: string): readonly string[] {
  if (message === '') return [];
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
