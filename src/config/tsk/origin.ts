/** Where the entries of a table stand, and how their numbers were written: what the values alone do not tell. */
import { ServerlessError } from '../../errors/serverless-error.ts';
import { configFileError, placeOf } from './error.ts';
import type { TskTable } from './parse.ts';

/** The text that a table is from. */
export interface OriginText {
  readonly file: string;
  readonly text: string;
}

interface Origin extends OriginText {
  readonly offsets: Map<string, number>;
  readonly numbers: Map<string, string>;
}

/** Beside the tables and not in them: for everybody else they are plain data. */
const origins = new WeakMap<TskTable, Origin>();

/** Keeps where a key stands. */
export function noteKey(table: TskTable, key: string, source: OriginText, offset: number): void {
  let origin = origins.get(table);
  if (origin === undefined) {
    origin = { file: source.file, text: source.text, offsets: new Map(), numbers: new Map() };
    origins.set(table, origin);
  }
  origin.offsets.set(key, offset);
}

/** Keeps how a number was written, after its key was noted. */
export function noteNumber(table: TskTable, key: string, written: string): void {
  origins.get(table)?.numbers.set(key, written);
}

/** How the number at this key was written; undefined when it is not known. */
export function numberText(table: TskTable, key: string): string | undefined {
  return origins.get(table)?.numbers.get(key);
}

/** Says that a table holds entries of another one, unchanged. */
export function sameOrigin(from: TskTable, copy: TskTable): void {
  const origin = origins.get(from);
  if (origin !== undefined) origins.set(copy, origin);
}

/** INVALID_ARGUMENT, with the place of an entry where it is known. */
export function entryError(table: TskTable, key: string, message: string): ServerlessError {
  const origin = origins.get(table);
  const offset = origin?.offsets.get(key);
  if (origin === undefined || offset === undefined) {
    return new ServerlessError({ code: 'INVALID_ARGUMENT', message });
  }
  return configFileError(origin.file, placeOf(origin.text, offset), message);
}
