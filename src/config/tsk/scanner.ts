import { UNSAFE_KEYS } from '../../spec/plain-data.ts';
import { configFileError, offendingText, placeOf } from './error.ts';

/**
 * Ends a bare word. `:` does not, so that `php:8.4` and `https://example.com` are words; nor do the marks of
 * comments, which would cut a password in silence.
 */
const WORD_ENDS = new Set(Array.from(' \t\n,[]{}()="\''));
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  '@': '@',
  $: '$',
};

/** A text in quotes. */
export interface QuotedText {
  readonly value: string;
  /** True when it begins with an `@` that is not escaped. */
  readonly startsWithAt: boolean;
}

/** Reads the smallest parts of a `.tsk` text. Each character is looked at a bounded number of times. */
export class Scanner {
  readonly file: string;
  readonly text: string;
  offset = 0;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** The character here, or `''` at the end. */
  get here(): string {
    return this.text.charAt(this.offset);
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  get atLineEnd(): boolean {
    return this.atEnd || this.here === '\n';
  }

  /** Where the line of the offset begins. */
  get lineStart(): number {
    return this.offset === 0 ? 0 : this.text.lastIndexOf('\n', this.offset - 1) + 1;
  }

  fail(expected: string, offset = this.offset): never {
    const message = `found ${offendingText(this.text, offset)}, expected ${expected}.`;
    throw configFileError(this.file, placeOf(this.text, offset), message);
  }

  /** Fails with a sentence of its own. */
  refuse(message: string, offset = this.offset, cause?: unknown): never {
    throw configFileError(this.file, placeOf(this.text, offset), message, cause);
  }

  /** Takes the character when it is here. */
  take(character: string): boolean {
    if (this.here !== character) return false;
    this.offset += 1;
    return true;
  }

  /** Skips spaces and a comment, up to the end of the line. A comment begins behind a space, or with its line. */
  skipBlank(): void {
    while (this.here === ' ' || this.here === '\t') this.offset += 1;
    const mark = this.#commentMark();
    if (mark === '') return;
    if (!this.#behindSpace) {
      this.refuse(
        `"${mark}" follows without a space. Put a space in front of a comment, and a text in quotes.`,
      );
    }
    const end = this.text.indexOf('\n', this.offset);
    this.offset = end === -1 ? this.text.length : end;
  }

  /** Skips spaces, comments and line ends. @returns true when a line ended. */
  skipSpace(): boolean {
    let newLine = false;
    for (;;) {
      this.skipBlank();
      if (!this.take('\n')) return newLine;
      newLine = true;
    }
  }

  /** What would begin a comment here; `''` where nothing does. */
  #commentMark(): string {
    const { here } = this;
    if (here === '#' || here === ';') return here;
    return here === '/' && this.text[this.offset + 1] === '/' ? '//' : '';
  }

  get #behindSpace(): boolean {
    return this.offset === 0 || ' \t\n'.includes(this.text.charAt(this.offset - 1));
  }

  /** A key: a plain word, or a text in quotes. */
  readKey(): string {
    const start = this.offset;
    const quoted = this.here === '"' || this.here === "'";
    const key = quoted ? this.readQuoted().value : this.#readPlainKey();
    if (UNSAFE_KEYS.has(key)) {
      this.refuse(
        `the key "${key}" is refused, because it could change the prototype of objects. Rename it.`,
        start,
      );
    }
    return key;
  }

  #readPlainKey(): string {
    const start = this.offset;
    while (isKeyCharacter(this.text.charCodeAt(this.offset))) this.offset += 1;
    if (this.offset === start) this.fail('a key (letters, digits, "_", "-", or a text in quotes)');
    return this.text.slice(start, this.offset);
  }

  /** True at `key = ...` or `key: ...`. A colon counts only with a space behind, so `s3:ObjectCreated:*` is a word. */
  get atEntry(): boolean {
    const start = this.offset;
    if (this.here === '"' || this.here === "'") this.readQuoted();
    else while (isKeyCharacter(this.text.charCodeAt(this.offset))) this.offset += 1;
    const found = this.offset > start && this.#atMark();
    this.offset = start;
    return found;
  }

  #atMark(): boolean {
    while (this.here === ' ' || this.here === '\t') this.offset += 1;
    if (this.here === '=') return true;
    return this.here === ':' && /^\s?$/.test(this.text.charAt(this.offset + 1));
  }

  /** A word without quotes; empty when there is none. */
  readWord(): string {
    const start = this.offset;
    while (!this.atEnd && !WORD_ENDS.has(this.here)) this.offset += 1;
    return this.text.slice(start, this.offset);
  }

  /** A text in single or double quotes, on one line. */
  readQuoted(): QuotedText {
    const start = this.offset;
    const quote = this.here;
    this.offset += 1;
    const startsWithAt = this.here === '@';
    let value = '';
    let piece = this.offset;
    while (!this.take(quote)) {
      if (this.atLineEnd) {
        this.refuse(`a text in quotes does not end on its line. Close it with ${quote}.`, start);
      }
      if (this.here === '\\') {
        value += this.text.slice(piece, this.offset) + this.#readEscape();
        piece = this.offset;
      } else this.offset += 1;
    }
    return { value: value + this.text.slice(piece, this.offset - 1), startsWithAt };
  }

  #readEscape(): string {
    const start = this.offset;
    const letter = this.text.charAt(start + 1);
    this.offset += 2;
    if (letter === 'u') {
      const digits = this.text.slice(this.offset, this.offset + 4);
      if (/^[0-9A-Fa-f]{4}$/.test(digits)) {
        this.offset += 4;
        return String.fromCharCode(Number.parseInt(digits, 16));
      }
    }
    const meaning = ESCAPES[letter];
    if (letter === '' || meaning === undefined || !Object.hasOwn(ESCAPES, letter)) {
      this.refuse(
        'unknown escape in a text. Known are \\n \\t \\r \\b \\f \\0 \\" \\\' \\\\ \\/ \\@ \\$ and \\uXXXX; write \\\\ for a backslash.',
        start,
      );
    }
    return meaning;
  }
}

function isKeyCharacter(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x2d ||
    code === 0x24
  );
}
