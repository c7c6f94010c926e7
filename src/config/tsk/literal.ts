import type { Scanner } from './scanner.ts';

/** A value without parts. */
export type Literal = string | number | boolean | null;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, Literal> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads a text in quotes, a number, `true`, `false`, `null`, or a bare word. */
export function readLiteral(scanner: Scanner): Literal {
  if (scanner.here === '"' || scanner.here === "'") return scanner.readQuoted().value;
  const start = scanner.offset;
  const word = scanner.readWord();
  if (word === '') scanner.fail('a value');
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  // Digits with a zero in front, such as account numbers, stay texts.
  if (word.length > 400 || !NUMBER.test(word)) return word;
  const number = Number(word);
  const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!exact) scanner.refuse('a number is too large to be exact. Put it in quotes.', start);
  return number;
}
