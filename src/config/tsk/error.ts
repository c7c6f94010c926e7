import { ServerlessError } from '../../errors/serverless-error.ts';
import { isHiddenPath } from '../../spec/describe-value.ts';
import { shorten } from '../../spec/issues.ts';
import { hasSecretShape } from '../../spec/secret-like.ts';

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

/** The offending text, as an error shows it: one word, never the inside of a string, nor what may be a secret. */
export function offendingText(text: string, offset: number): string {
  if (offset >= text.length) return 'the end of the file';
  const first = text.charAt(offset);
  if (first === '\n') return 'the end of the line';
  if (first === '"' || first === "'") return 'a text in quotes';
  const rest = text.slice(offset, offset + 200);
  const word = /^[^\s,[\]{}()"'=#;]+/.exec(rest)?.[0] ?? first;
  const before = text.slice(Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - 200), offset);
  if (word.length > 1 && (isHiddenPath([before]) || hasSecretShape(word))) return 'a word (hidden)';
  return JSON.stringify(shorten(word, 24));
}
