/**
 * The `.tsk` format: sections, `key = value` or `key: value`, blocks in braces or by indentation, lists in
 * brackets or with dashes, comments, and calls. One pass, recursive descent, bounded in size and depth.
 */
import type { SecretRef } from '../../spec/types.ts';
import { type TskWorld, isQuotedCall, readCall } from './calls.ts';
import { configFileError } from './error.ts';
import { compareIndentation, itemIndentation, lineIndentation } from './indentation.ts';
import { type Literal, WrittenNumber, readLiteral } from './literal.ts';
import { noteKey, noteNumber } from './origin.ts';
import { Scanner } from './scanner.ts';
import { SectionTree } from './sections.ts';

/** What a `.tsk` text says. */
export type TskValue = Literal | SecretRef | TskValue[] | TskTable;
/** Keys and values; never with a key that reaches a prototype. */
export interface TskTable {
  [key: string]: TskValue;
}

/** A text and what it may reach. */
export interface TskSource extends TskWorld {
  /** For error messages. */
  readonly file: string;
  readonly text: string;
}

/** A value whose number, when it is one, still knows its text. */
type WrittenValue = TskValue | WrittenNumber;

const MAX_BYTES = 1_048_576;
const MAX_DEPTH = 64;

/**
 * Parses a `.tsk` text. Pure: environment and files come from `source`.
 *
 * @throws ServerlessError INVALID_ARGUMENT with `file:line:column`, what was found, and what was expected.
 */
export function parseTsk(source: TskSource): TskTable {
  if (Buffer.byteLength(source.text) > MAX_BYTES) {
    const message =
      'the file is larger than 1 MB. Split it, or generate the configuration in code.';
    throw configFileError(source.file, { line: 1, column: 1 }, message);
  }
  const text = source.text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  return new Parser(new Scanner(source.file, text), source).parse();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #world: TskWorld;
  #depth = 0;

  constructor(scanner: Scanner, world: TskWorld) {
    this.#scanner = scanner;
    this.#world = world;
  }

  parse(): TskTable {
    const scanner = this.#scanner;
    const tree = new SectionTree();
    let table = tree.root;
    let indent: string | undefined;
    while (this.#toLine()) {
      if (scanner.here === '[') {
        table = this.#section(tree);
        indent = undefined;
        continue;
      }
      const line = lineIndentation(scanner);
      indent ??= line;
      if (compareIndentation(scanner, line, indent) !== 0) {
        scanner.fail(
          `an entry at the same indentation as those before (${indent.length} characters)`,
        );
      }
      this.#lineEntry(table, indent);
    }
    return tree.root;
  }

  #section(tree: SectionTree): TskTable {
    const scanner = this.#scanner;
    const start = scanner.offset;
    scanner.take('[');
    const path: string[] = [];
    do {
      scanner.skipBlank();
      path.push(scanner.readKey());
      scanner.skipBlank();
    } while (scanner.take('.'));
    if (!scanner.take(']')) scanner.fail('"." or "]" after the name of a section');
    this.#endLine();
    if (path.length > MAX_DEPTH) this.#tooDeep(start);
    const table = tree.open(path, (above, key) => noteKey(above, key, scanner, start));
    return table ?? scanner.refuse(`[${path.join('.')}] is set twice. Keep one of them.`, start);
  }

  /** Goes to the next line that holds something. @returns false at the end. */
  #toLine(): boolean {
    this.#scanner.skipSpace();
    return !this.#scanner.atEnd;
  }

  #endLine(): void {
    this.#scanner.skipBlank();
    if (!this.#scanner.atLineEnd) {
      const next =
        this.#scanner.here === '('
          ? 'Functions begin with @, such as @secret("name")'
          : 'Put a value of several words in quotes';
      this.#scanner.fail(`the end of the line. ${next}`);
    }
  }

  /** `key = value`, `key: value`, `key { ... }`, or `key:` with an indented block below. */
  #lineEntry(table: TskTable, indent: string): void {
    const scanner = this.#scanner;
    const key = this.#newKey(table);
    scanner.skipBlank();
    if (scanner.here === '{') {
      this.#put(table, key, this.#value());
      this.#endLine();
      return;
    }
    if (!scanner.take('=') && !scanner.take(':')) scanner.fail('"=", ":" or "{" after a key');
    scanner.skipBlank();
    if (scanner.atLineEnd) {
      this.#put(table, key, this.#blockBelow(indent));
      return;
    }
    this.#put(table, key, this.#value());
    this.#endLine();
  }

  /** What stands below a key, indented. A list with dashes may stand at the key's own indentation. */
  #blockBelow(indent: string): TskValue {
    const scanner = this.#scanner;
    const keyEnd = scanner.offset;
    if (this.#toLine()) {
      const below = lineIndentation(scanner);
      const deeper = compareIndentation(scanner, below, indent);
      if (this.#atDash() && deeper >= 0) return this.#nested(() => this.#dashes(below));
      if (deeper > 0 && scanner.here !== '[') return this.#nested(() => this.#lines(below));
    }
    return scanner.fail('a value, or an indented block on the lines below', keyEnd);
  }

  #lines(indent: string): TskTable {
    const table: TskTable = {};
    for (;;) {
      this.#lineEntry(table, indent);
      if (!this.#goesOn(indent)) return table;
      if (this.#scanner.here === '[') return table;
    }
  }

  #dashes(indent: string): TskValue[] {
    const scanner = this.#scanner;
    const list: TskValue[] = [];
    do {
      scanner.take('-');
      scanner.skipBlank();
      list.push(this.#dashItem(indent));
    } while (this.#goesOn(indent) && this.#atDash());
    return list;
  }

  #dashItem(indent: string): TskValue {
    const scanner = this.#scanner;
    if (scanner.atLineEnd) return this.#blockBelow(indent);
    const inside = itemIndentation(scanner);
    if (this.#atDash()) return this.#nested(() => this.#dashes(inside));
    if (scanner.atEntry) return this.#nested(() => this.#lines(inside));
    const value = plain(this.#value());
    this.#endLine();
    return value;
  }

  /** True when the next line belongs to the block of this indentation. */
  #goesOn(indent: string): boolean {
    if (!this.#toLine()) return false;
    const scanner = this.#scanner;
    const deeper = compareIndentation(scanner, lineIndentation(scanner), indent);
    if (deeper > 0) {
      scanner.fail(
        `an entry indented by ${indent.length} characters like those before, or by fewer`,
      );
    }
    return deeper === 0;
  }

  #atDash(): boolean {
    const { text, offset } = this.#scanner;
    return text[offset] === '-' && /^[ \t\n]?$/.test(text.charAt(offset + 1));
  }

  #value(): WrittenValue {
    const scanner = this.#scanner;
    switch (scanner.here) {
      case '{':
        return this.#nested(() => this.#braces());
      case '[':
        return this.#nested(() => this.#brackets());
      case '@':
        return readCall(scanner, this.#world);
      case '"':
      case "'":
        return this.#quoted();
      default:
        return readLiteral(scanner);
    }
  }

  #quoted(): WrittenValue {
    const scanner = this.#scanner;
    const start = scanner.offset;
    const { value, startsWithAt } = scanner.readQuoted();
    if (!startsWithAt || !isQuotedCall(value)) return value;
    const inner = new QuotedScanner(scanner, start, value);
    const result = readCall(inner, this.#world);
    if (!inner.atEnd) {
      scanner.refuse(
        'text follows a call inside quotes. A call must be the whole text; write \\@ for a plain "@".',
        start,
      );
    }
    return result;
  }

  #braces(): TskTable {
    const scanner = this.#scanner;
    const table: TskTable = {};
    scanner.take('{');
    scanner.skipSpace();
    while (!scanner.take('}')) {
      const key = this.#newKey(table);
      scanner.skipSpace();
      if (scanner.here !== '{') {
        if (!scanner.take('=') && !scanner.take(':')) scanner.fail('"=", ":" or "{" after a key');
        scanner.skipSpace();
      }
      this.#put(table, key, this.#value());
      scanner.skipSpace();
      if (scanner.take(',')) scanner.skipSpace();
    }
    return table;
  }

  #brackets(): TskValue[] {
    const scanner = this.#scanner;
    const list: TskValue[] = [];
    scanner.take('[');
    scanner.skipSpace();
    while (!scanner.take(']')) {
      list.push(plain(this.#value()));
      const newLine = scanner.skipSpace();
      if (scanner.take(',')) scanner.skipSpace();
      else if (!newLine && scanner.here !== ']') {
        scanner.fail('"," or "]". Put a value of several words in quotes');
      }
    }
    return list;
  }

  #newKey(table: TskTable): string {
    const start = this.#scanner.offset;
    const key = this.#scanner.readKey();
    if (Object.hasOwn(table, key)) {
      this.#scanner.refuse(`the key ${JSON.stringify(key)} is set twice. Keep one of them.`, start);
    }
    noteKey(table, key, this.#scanner, start);
    return key;
  }

  #put(table: TskTable, key: string, value: WrittenValue): void {
    if (value instanceof WrittenNumber) noteNumber(table, key, value.text);
    table[key] = plain(value);
  }

  #nested<Value>(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#tooDeep(this.#scanner.offset);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #tooDeep(offset: number): never {
    return this.#scanner.refuse(`nested deeper than ${MAX_DEPTH} levels. Flatten it.`, offset);
  }
}

function plain(value: WrittenValue): TskValue {
  return value instanceof WrittenNumber ? value.value : value;
}

/** Scans the inside of a text in quotes; errors name the place of the text in the file. */
class QuotedScanner extends Scanner {
  readonly #outer: Scanner;
  readonly #start: number;

  constructor(outer: Scanner, start: number, inside: string) {
    super(outer.file, inside);
    this.#outer = outer;
    this.#start = start;
  }

  override fail(expected: string): never {
    const message = `the call in this text cannot be read: expected ${expected}.`;
    return this.#outer.refuse(message, this.#start);
  }

  override refuse(message: string, _offset?: number, cause?: unknown): never {
    return this.#outer.refuse(message, this.#start, cause);
  }
}
