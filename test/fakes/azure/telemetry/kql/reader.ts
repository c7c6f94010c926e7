import { syntaxError, tokenize, type Token } from './tokens.ts';
import type { KqlSyntaxError } from './values.ts';

/** The words of a query, one after the other. */
export class Reader {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokenize(query);
  }

  peek(ahead = 0): Token {
    const last = this.#tokens.at(-1);
    const token = this.#tokens[this.#at + ahead] ?? last;
    if (!token) throw syntaxError(this.#query, 0, '');
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  /** Whether such a sign or word is next. Words of the language are written in lower case. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === 'sign' || token.kind === 'word') && token.text === text;
  }

  /** Takes it if it is next. */
  take(...texts: readonly string[]): boolean {
    if (!texts.every((text, index) => this.is(text, index))) return false;
    this.#at += texts.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.error();
  }

  name(): string {
    const token = this.peek();
    if (token.kind === 'word') return this.next().text;
    if (this.take('[')) {
      const quoted = this.next();
      this.expect(']');
      if (quoted.kind === 'text') return quoted.text;
    }
    throw this.error(token);
  }

  list<T>(read: () => T): readonly T[] {
    const all = [read()];
    while (this.take(',')) all.push(read());
    return all;
  }

  error(token = this.peek()): KqlSyntaxError {
    return syntaxError(this.#query, token.at, token.text);
  }
}
