/**
 * Filters of Pub/Sub: expressions over the attributes of a message.
 * https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax
 */
import { FilterProblem, tokensOf, type Token } from './lexer.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Whether a message gets through. */
export type Filter = (attributes: Attributes) => boolean;

/** Reads a filter. Throws a {@link FilterProblem}. */
export function parseFilter(filter: string): Filter {
  return new Parser(tokensOf(filter)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Filter {
    const filter = this.#expression();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return filter;
  }

  /** Terms joined by AND alone, or by OR alone: to mix them takes parentheses. */
  #expression(): Filter {
    const terms = [this.#term()];
    let operator: string | undefined;
    for (;;) {
      const next = this.#peekWord('AND', 'OR');
      if (next === undefined) break;
      if (operator !== undefined && next !== operator) {
        throw new FilterProblem(
          `AND and OR cannot be combined without parentheses, at position ${this.#position()}`,
        );
      }
      operator = next;
      this.#at += 1;
      terms.push(this.#term());
    }
    return operator === 'OR'
      ? (attributes) => terms.some((term) => term(attributes))
      : (attributes) => terms.every((term) => term(attributes));
  }

  #term(): Filter {
    if (this.#peekWord('NOT') !== undefined) {
      this.#at += 1;
      return this.#negated();
    }
    return this.#symbol('-') ? this.#negated() : this.#primary();
  }

  #negated(): Filter {
    const inner = this.#primary();
    return (attributes) => !inner(attributes);
  }

  #primary(): Filter {
    if (this.#symbol('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#peekWord('hasPrefix') !== undefined) return this.#prefix();
    this.#attributes();
    if (this.#symbol(':')) {
      const key = this.#key();
      return (attributes) => Object.hasOwn(attributes, key);
    }
    this.#expect('.');
    const key = this.#key();
    const isEqual = this.#symbol('=');
    if (!isEqual) this.#expect('!=');
    const value = this.#text();
    // What lacks the attribute is not equal.
    return (attributes) => (valueOf(attributes, key) === value) === isEqual;
  }

  #prefix(): Filter {
    this.#at += 1;
    this.#expect('(');
    this.#attributes();
    this.#expect('.');
    const key = this.#key();
    this.#expect(',');
    const prefix = this.#text();
    this.#expect(')');
    return (attributes) => valueOf(attributes, key)?.startsWith(prefix) ?? false;
  }

  #attributes(): void {
    if (this.#peekWord('attributes') === undefined) throw this.#unexpected();
    this.#at += 1;
  }

  #key(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'symbol') throw this.#unexpected();
    this.#at += 1;
    return token.text;
  }

  #text(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'text') throw this.#unexpected();
    this.#at += 1;
    return token.text;
  }

  #peekWord(...wanted: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' && wanted.includes(token.text) ? token.text : undefined;
  }

  #symbol(wanted: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'symbol' || token.text !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #expect(wanted: string): void {
    if (!this.#symbol(wanted)) throw this.#unexpected();
  }

  #position(): number {
    return this.#tokens[this.#at]?.at ?? -1;
  }

  #unexpected(): FilterProblem {
    const token = this.#tokens[this.#at];
    return new FilterProblem(
      token === undefined
        ? 'unexpected end of the filter'
        : `unexpected '${token.text}' at position ${token.at}`,
    );
  }
}

function valueOf(attributes: Attributes, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}
