import type { Scanner } from './scanner.ts';

/** A value without parts. */
export type Literal = string | number | boolean | null;

/** A number as it was written: as an environment variable, `1.10` is not `1.1`. */
export class WrittenNumber {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** A literal whose number still knows its text. */
export type WrittenLiteral = string | boolean | null | WrittenNumber;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads a text in quotes, a number, `true`, `false`, `null`, or a bare word. */
export function readLiteral(scanner: Scanner): WrittenLiteral {
  if (scanner.here === '"' || scanner.here === "'") return scanner.readQuoted().value;
  const start = scanner.offset;
  const word = scanner.readWord();
  if (word === '') scanner.fail('a value');
  // Part of the word, or a comment as in `512; bytes`: a guess would lose or add a character in silence.
  const last = word.at(-1);
  if (last === '#' || last === ';') {
    scanner.refuse(
      `a word ends in "${last}". Put a text in quotes, and a space in front of a comment.`,
      scanner.offset - 1,
    );
  }
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  // Digits with a zero in front, such as account numbers, stay texts.
  if (word.length > 400 || !NUMBER.test(word)) return word;
  const number = Number(word);
  const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!exact) scanner.refuse('a number is too large to be exact. Put it in quotes.', start);
  return new WrittenNumber(number, word);
}
