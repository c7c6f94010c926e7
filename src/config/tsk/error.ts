import { ServerlessError } from '../../errors/serverless-error.ts';

/** Characters that are syntax wherever they stand alone. */
const SIGNS = new Set(Array.from(',[]{}()=:@'));

/** A place in a text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where an offset stands. */
export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const next = text.indexOf('\n', lineStart);
    if (next === -1 || next >= offset) return { line, column: offset - lineStart + 1 };
    line += 1;
    lineStart = next + 1;
  }
}

/** INVALID_ARGUMENT with `file:line:column` in front. */
export function configFileError(
  file: string,
  place: Place,
  message: string,
  cause?: unknown,
): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${file}:${place.line}:${place.column}: ${message}`,
    details: { file, line: place.line, column: place.column },
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * What stands at an offset, as an error names it: a sign of the syntax, and of all else only what kind it is. What
 * breaks a file is often the second word of a value, and no key in front of it tells that it is not a secret.
 */
export function offendingText(text: string, offset: number): string {
  if (offset >= text.length) return 'the end of the file';
  const first = text.charAt(offset);
  if (first === '\n') return 'the end of the line';
  if (first === '"' || first === "'") return 'a text in quotes';
  if (SIGNS.has(first)) return `"${first}"`;
  const piece = text.slice(offset, offset + 200);
  if (/^-?\d[\d.]*(?![\w.])/.test(piece)) return 'a number';
  return /^[\p{L}\p{N}_]/u.test(piece) ? 'a word' : 'other text';
}
