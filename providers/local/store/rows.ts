/** Decoders: what comes out of SQLite, with its type checked. */
import type { SQLOutputValue } from 'node:sqlite';

/** One row of a result. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, value);
  return value;
}

/** A text that was read as bytes: as a text, Node 22 would end it where it has a zero. */
export function textOfBytes(row: Row, column: string): string {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column, value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}

export function optionalTextOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, value);
  return value;
}

export function optionalNumberOf(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column);
}

function unexpected(column: string, value: unknown): TypeError {
  return new TypeError(`Column ${column} holds a value of type ${typeof value}.`);
}
