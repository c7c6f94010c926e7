/**
 * SQL filters of Service Bus: a subset of SQL-92 over the properties of a message, in three-valued logic.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter
 */
import { likePattern } from './like.ts';
import { SqlProblem, tokensOf, type Token } from './lexer.ts';

/** What an expression comes to. Null is unknown. */
export type SqlValue = string | number | boolean | null;

/** What filters see of a message. Names of properties are in lower case. */
export interface SqlMessage {
  readonly system: Readonly<Record<string, SqlValue>>;
  readonly user: Readonly<Record<string, SqlValue>>;
}

export type Expression = (message: SqlMessage) => SqlValue;

/** Reads a filter. Throws a {@link SqlProblem}. */
export function parseSql(sql: string): (message: SqlMessage) => boolean {
  const parser = new Parser(tokensOf(sql));
  const expression = parser.whole();
  return (message) => expression(message) === true;
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#word('or')) {
      const [one, other] = [left, this.#and()];
      left = (message) => either(one(message), other(message));
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word('and')) {
      const [one, other] = [left, this.#not()];
      left = (message) => negated(either(negated(one(message)), negated(other(message))));
    }
    return left;
  }

  #not(): Expression {
    if (!this.#word('not')) return this.#predicate();
    const inner = this.#not();
    return (message) => negated(inner(message));
  }

  #predicate(): Expression {
    if (this.#word('exists')) {
      this.#expect('(');
      const inner = this.#operand();
      this.#expect(')');
      return (message) => inner(message) !== null;
    }
    const left = this.#operand();
    if (this.#word('is')) {
      const isNot = this.#word('not');
      if (!this.#word('null')) throw this.#unexpected();
      return (message) => (left(message) === null) !== isNot;
    }
    const isNot = this.#word('not');
    if (this.#word('in')) return negatedIf(isNot, this.#list(left));
    if (this.#word('like')) return negatedIf(isNot, this.#like(left));
    if (isNot) throw this.#unexpected();
    const token = this.#tokens[this.#at];
    const compare = token?.kind === 'symbol' ? COMPARISONS[token.text] : undefined;
    if (!compare) return left;
    this.#at += 1;
    const right = this.#operand();
    return (message) => {
      const order = orderOf(left(message), right(message));
      return order === undefined ? null : compare(order);
    };
  }

  #list(left: Expression): Expression {
    this.#expect('(');
    const members = [this.#operand()];
    while (this.#symbol(',')) members.push(this.#operand());
    this.#expect(')');
    return (message) =>
      members
        .map((member) => orderOf(left(message), member(message)))
        .map((order): SqlValue => (order === undefined ? null : order === 0))
        .reduce(either, false);
  }

  #like(left: Expression): Expression {
    const pattern = this.#operand();
    const escape = this.#word('escape') ? this.#operand() : (): SqlValue => null;
    return (message) => {
      const [text, wanted, sign] = [left(message), pattern(message), escape(message)];
      if (typeof text !== 'string' || typeof wanted !== 'string') return null;
      return likePattern(wanted, typeof sign === 'string' ? sign : '').test(text);
    };
  }

  #operand(): Expression {
    const token = this.#tokens[this.#at];
    if (this.#symbol('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (this.#symbol('-')) {
      const inner = this.#operand();
      return (message) => {
        const value = inner(message);
        return typeof value === 'number' ? -value : null;
      };
    }
    if (!token || token.kind === 'symbol') throw this.#unexpected();
    this.#at += 1;
    if (token.kind === 'text') return () => token.text;
    if (token.kind === 'number') return () => token.value;
    if (token.kind === 'name') return property('user', token.text);
    return this.#named(token.text);
  }

  #named(word: string): Expression {
    const lower = word.toLowerCase();
    if (lower === 'true' || lower === 'false') return () => lower === 'true';
    if (lower === 'null') return () => null;
    if (RESERVED.has(lower)) throw new SqlProblem(`unexpected word '${word}'`);
    if (!this.#symbol('.')) return property('user', word);
    const next = this.#tokens[this.#at];
    if (next?.kind !== 'word' && next?.kind !== 'name') throw this.#unexpected();
    this.#at += 1;
    if (lower !== 'sys' && lower !== 'user') throw new SqlProblem(`unknown scope '${word}'`);
    return property(lower === 'sys' ? 'system' : 'user', next.text);
  }

  #word(wanted: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text.toLowerCase() !== wanted) return false;
    this.#at += 1;
    return true;
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

  #unexpected(): SqlProblem {
    const token = this.#tokens[this.#at];
    const told = token === undefined ? 'the end' : JSON.stringify(Object.values(token)[1]);
    return new SqlProblem(`unexpected ${told} at token ${this.#at + 1}`);
  }
}

const RESERVED = new Set(['and', 'or', 'not', 'in', 'like', 'is', 'exists', 'escape']);

function property(scope: 'system' | 'user', name: string): Expression {
  const key = name.toLowerCase();
  return (message) => message[scope][key] ?? null;
}

function negatedIf(isNot: boolean, expression: Expression): Expression {
  return isNot ? (message) => negated(expression(message)) : expression;
}

function negated(value: SqlValue): SqlValue {
  return typeof value === 'boolean' ? !value : null;
}

function either(one: SqlValue, other: SqlValue): SqlValue {
  if (one === true || other === true) return true;
  return one === false && other === false ? false : null;
}

/** Undefined where two values cannot be compared. */
function orderOf(one: SqlValue, other: SqlValue): number | undefined {
  if (one === null || other === null || typeof one !== typeof other) return undefined;
  return one === other ? 0 : one < other ? -1 : 1;
}
