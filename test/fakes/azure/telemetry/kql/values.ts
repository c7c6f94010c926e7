/** What queries work on. */

/** Dates are milliseconds since 1970 with a fraction; spans are milliseconds; what is dynamic is JSON. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [name: string]: Value };

export type ScalarType =
  | 'string'
  | 'long'
  | 'int'
  | 'real'
  | 'bool'
  | 'datetime'
  | 'timespan'
  | 'dynamic';

export interface Column {
  readonly name: string;
  readonly type: ScalarType;
}

export type Row = readonly Value[];

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A query that cannot be read. */
export class KqlSyntaxError extends Error {
  readonly line: number;
  readonly position: number;
  readonly token: string;

  constructor(line: number, position: number, token: string) {
    super(`Query could not be parsed at '${token}' on line [${line},${position}]`);
    this.name = 'KqlSyntaxError';
    this.line = line;
    this.position = position;
    this.token = token;
  }
}

/** A query that makes no sense: unknown names, types that do not fit. */
export class KqlSemanticError extends Error {
  readonly code: string;

  constructor(message: string, code = 'SEM0100') {
    super(message);
    this.name = 'KqlSemanticError';
    this.code = code;
  }
}

export function isNumeric(type: ScalarType): boolean {
  return type === 'long' || type === 'int' || type === 'real';
}

/** The type that holds both; undefined when there is none. */
export function commonType(one: ScalarType, other: ScalarType): ScalarType | undefined {
  if (one === other) return one;
  if (!isNumeric(one) || !isNumeric(other)) return undefined;
  return one === 'real' || other === 'real' ? 'real' : 'long';
}

/** `2026-01-01T00:00:00.001234Z`, as precise as need be. */
export function dateText(ms: number): string {
  const micros = Math.round((ms - Math.floor(ms)) * 1000);
  const head = new Date(Math.floor(ms)).toISOString().slice(0, -1);
  const whole = micros === 0 ? head : `${head}${String(micros).padStart(3, '0')}`;
  return `${whole.replace(/\.?0+$/, '')}Z`;
}

/** A date as text says it; undefined when it says none. */
export function parseDate(text: string): number | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, day = '', time = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${time}:${seconds}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  const micros = Math.floor(Number(fraction.padEnd(7, '0')) / 10);
  return ms + Math.floor(micros / 1000) + (micros % 1000) / 1000;
}

/** `1.02:03:04.5000000` */
export function spanText(ms: number): string {
  const rest = Math.abs(ms);
  const days = Math.floor(rest / 86_400_000);
  const clock = new Date(rest % 86_400_000)
    .toISOString()
    .slice(11, -1)
    .replace(/\.000$/, '');
  const fraction = clock.includes('.') ? `${clock}0000` : clock;
  return `${ms < 0 ? '-' : ''}${days > 0 ? `${days}.` : ''}${fraction}`;
}

export function parseSpan(text: string): number | undefined {
  const short = /^(-?\d+(?:\.\d+)?)\s*(d|h|m|s|ms|microsecond|tick)$/.exec(text.trim());
  if (short) return Number(short[1]) * (UNITS[short[2] ?? ''] ?? 0);
  const long = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(text.trim());
  if (!long) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = long;
  const whole =
    ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return sign === undefined ? whole : -whole;
}

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  microsecond: 0.001,
  tick: 0.0001,
};
