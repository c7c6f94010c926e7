/** The grammar of queries, as far as functions need it: fields, display, filter, stats, sort, dedup, limit. */
import { malformed, tokenize, type Token } from './lexer.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'span'; readonly ms: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly inputs: readonly Expression[] }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'in'; readonly inner: Expression; readonly of: readonly Expression[] }
  | { readonly kind: 'like'; readonly inner: Expression; readonly regex: RegExp }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** An expression and what its column is called. */
export interface Column {
  readonly name: string;
  readonly expression: Expression;
}

export type Command =
  | { readonly kind: 'fields' | 'display'; readonly columns: readonly Column[] }
  | { readonly kind: 'filter'; readonly test: Expression }
  | { readonly kind: 'stats'; readonly columns: readonly Column[]; readonly by: readonly Column[] }
  | {
      readonly kind: 'sort';
      readonly keys: readonly { readonly key: Expression; readonly isDescending: boolean }[];
    }
  | { readonly kind: 'dedup'; readonly columns: readonly Column[] }
  | { readonly kind: 'limit'; readonly count: number };

const SPANS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const LEVELS: readonly (readonly string[])[] = [['+', '-'], ['*', '/', '%'], ['^']];
const COMPARISONS = new Set(['=', '!=', '<', '>', '<=', '>=']);

export function parseQuery(query: string): readonly Command[] {
  const parser = new Parser(query);
  return parser.commands();
}

class Parser {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokenize(query);
  }

  commands(): readonly Command[] {
    const commands = [this.#command()];
    while (this.#takes('|')) commands.push(this.#command());
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return commands;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    const token = this.#peek();
    if (!token) throw malformed('mismatched input <EOF>');
    this.#at += 1;
    return token;
  }

  /** Takes a sign, or a word in whatever case. */
  #takes(text: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'sign' && token?.kind !== 'word') return false;
    if (token.text.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected();
  }

  #unexpected(): Error {
    const token = this.#peek();
    return malformed(
      token
        ? `unexpected symbol found ${token.text} at line 1 and position ${token.from + 1}`
        : 'mismatched input <EOF>',
    );
  }

  #command(): Command {
    if (this.#takes('fields')) return { kind: 'fields', columns: this.#columns() };
    if (this.#takes('display')) return { kind: 'display', columns: this.#columns() };
    if (this.#takes('dedup')) return { kind: 'dedup', columns: this.#columns() };
    if (this.#takes('filter')) return { kind: 'filter', test: this.#either() };
    if (this.#takes('stats')) {
      const columns = this.#columns();
      return { kind: 'stats', columns, by: this.#takes('by') ? this.#columns() : [] };
    }
    if (this.#takes('sort')) return { kind: 'sort', keys: this.#keys() };
    if (this.#takes('limit') || this.#takes('head')) {
      const token = this.#next();
      const count = Number(token.text);
      if (!Number.isInteger(count) || count < 1) throw malformed(`invalid limit ${token.text}`);
      return { kind: 'limit', count };
    }
    throw this.#unexpected();
  }

  #columns(): readonly Column[] {
    const columns = [this.#column()];
    while (this.#takes(',')) columns.push(this.#column());
    return columns;
  }

  #column(): Column {
    const first = this.#peek();
    const expression = this.#either();
    const last = this.#tokens[this.#at - 1];
    if (this.#takes('as')) return { name: this.#next().text, expression };
    // A column without a name of its own is called as it was written.
    const source = this.#query.slice(first?.from ?? 0, last?.to ?? 0);
    return { name: expression.kind === 'field' ? expression.name : source, expression };
  }

  #keys(): readonly { readonly key: Expression; readonly isDescending: boolean }[] {
    const keys = [];
    do {
      const key = this.#either();
      const isDescending = this.#takes('desc');
      if (!isDescending) this.#takes('asc');
      keys.push({ key, isDescending });
    } while (this.#takes(','));
    return keys;
  }

  #either(): Expression {
    let left = this.#both();
    while (this.#takes('or')) {
      left = { kind: 'binary', operator: 'or', left, right: this.#both() };
    }
    return left;
  }

  #both(): Expression {
    let left = this.#negation();
    while (this.#takes('and')) {
      left = { kind: 'binary', operator: 'and', left, right: this.#negation() };
    }
    return left;
  }

  #negation(): Expression {
    return this.#takes('not') ? { kind: 'not', inner: this.#negation() } : this.#comparison();
  }

  #comparison(): Expression {
    const left = this.#arithmetic(0);
    const isNegated = this.#takes('not');
    const wrap = (inner: Expression): Expression => (isNegated ? { kind: 'not', inner } : inner);
    if (this.#takes('like') || this.#takes('=~')) {
      return wrap({ kind: 'like', inner: left, regex: likeOf(this.#next()) });
    }
    if (this.#takes('in')) return wrap({ kind: 'in', inner: left, of: this.#members() });
    if (isNegated) throw this.#unexpected();
    const operator = this.#peek()?.kind === 'sign' ? this.#peek()?.text : undefined;
    if (operator === undefined || !COMPARISONS.has(operator)) return left;
    this.#at += 1;
    return { kind: 'binary', operator, left, right: this.#arithmetic(0) };
  }

  #members(): readonly Expression[] {
    this.#expect('[');
    const members = [this.#arithmetic(0)];
    while (this.#takes(',')) members.push(this.#arithmetic(0));
    this.#expect(']');
    return members;
  }

  #arithmetic(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#primary();
    let left = this.#arithmetic(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#takes(each));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#arithmetic(level + 1) };
    }
  }

  #primary(): Expression {
    if (this.#takes('(')) {
      const inner = this.#either();
      this.#expect(')');
      return inner;
    }
    if (this.#takes('*')) return { kind: 'all' };
    if (this.#takes('-')) {
      const zero: Expression = { kind: 'literal', value: 0 };
      return { kind: 'binary', operator: '-', left: zero, right: this.#primary() };
    }
    const token = this.#next();
    if (token.kind === 'text') return { kind: 'literal', value: token.text };
    if (token.kind === 'field') return { kind: 'field', name: token.text };
    if (token.kind === 'number') return numberOf(token);
    if (token.kind !== 'word') {
      this.#at -= 1;
      throw this.#unexpected();
    }
    if (this.#takes('(')) {
      return { kind: 'call', name: token.text.toLowerCase(), inputs: this.#inputs() };
    }
    const lower = token.text.toLowerCase();
    if (lower === 'true' || lower === 'false') return { kind: 'literal', value: lower === 'true' };
    return { kind: 'field', name: token.text };
  }

  #inputs(): readonly Expression[] {
    if (this.#takes(')')) return [];
    const inputs = [this.#either()];
    while (this.#takes(',')) inputs.push(this.#either());
    this.#expect(')');
    return inputs;
  }
}

function likeOf(token: Token): RegExp {
  if (token.kind === 'text')
    return new RegExp(token.text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  if (token.kind !== 'regex') throw malformed(`unexpected symbol found ${token.text}`);
  try {
    // The inline flag of other dialects.
    const isFolded = token.text.startsWith('(?i)');
    return new RegExp(isFolded ? token.text.slice(4) : token.text, isFolded ? 'i' : '');
  } catch {
    throw malformed(`invalid regular expression ${token.text}`);
  }
}

function numberOf(token: Token): Expression {
  const unit = /(?:ms|[smhdw])$/.exec(token.text)?.[0];
  if (unit === undefined) return { kind: 'literal', value: Number(token.text) };
  return { kind: 'span', ms: Number(token.text.slice(0, -unit.length)) * (SPANS[unit] ?? 1) };
}
