/**
 * Filter patterns: terms (`ERROR -debug ?a ?b "two words"`), `%regular expressions%` and JSON selectors
 * (`{ $.level = "error" && $.code >= 500 }`).
 */
import { badParameter } from './store.ts';

type Test = (message: string) => boolean;
type JsonTest = (value: unknown) => boolean;

/** Makes a test of messages out of a pattern. */
export function compilePattern(pattern: string): Test {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (!trimmed.startsWith('{')) return compileTerms(trimmed);
  if (!trimmed.endsWith('}')) throw invalidPattern();
  const tokens = tokenize(trimmed.slice(1, -1));
  const test = new Selector(tokens).read();
  return (message) => {
    const value = jsonIn(message);
    return value !== undefined && test(value);
  };
}

function invalidPattern(): Error {
  return badParameter('Invalid filter pattern');
}

function jsonIn(message: string): unknown {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function compileTerms(pattern: string): Test {
  const all: Test[] = [];
  const any: Test[] = [];
  let at = 0;
  const term = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([\w.:/@$*#&+,;<>=|!'^~]+))(?=\s|$)/y;
  while (at < pattern.length) {
    term.lastIndex = at;
    const match = term.exec(pattern);
    if (!match) throw invalidPattern();
    at = term.lastIndex;
    const [, sign, quoted, expression, bare] = match;
    const wanted = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
    const test: Test =
      expression === undefined
        ? (message) => message.includes(wanted)
        : (message) => new RegExp(expression).test(message);
    if (sign === '?') any.push(test);
    else if (sign === '-') all.push((message) => !test(message));
    else all.push(test);
  }
  // Optional terms mean nothing beside required ones.
  if (all.length === 0) return (message) => any.some((test) => test(message));
  return (message) => all.every((test) => test(message));
}

function tokenize(source: string): readonly string[] {
  const token =
    /\s*(&&|\|\||!=|<=|>=|[()=<>]|"(?:[^"\\]|\\.)*"|%[^%]+%|\$[^\s()=!<>&|]*|[^\s()=!<>&|"]+)/y;
  const found: string[] = [];
  let at = 0;
  const end = source.trimEnd().length;
  while (at < end) {
    token.lastIndex = at;
    const match = token.exec(source);
    if (match?.[1] === undefined) throw invalidPattern();
    found.push(match[1]);
    at = token.lastIndex;
  }
  return found;
}

class Selector {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  read(): JsonTest {
    const test = this.#either();
    if (this.#at < this.#tokens.length) throw invalidPattern();
    return test;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalidPattern();
    this.#at += 1;
    return token;
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }

  #either(): JsonTest {
    const tests = [this.#both()];
    while (this.#takes('||')) tests.push(this.#both());
    return (value) => tests.some((test) => test(value));
  }

  #both(): JsonTest {
    const tests = [this.#one()];
    while (this.#takes('&&')) tests.push(this.#one());
    return (value) => tests.every((test) => test(value));
  }

  #one(): JsonTest {
    if (this.#takes('(')) {
      const test = this.#either();
      if (!this.#takes(')')) throw invalidPattern();
      return test;
    }
    const path = readPath(this.#next());
    const select = (value: unknown): unknown => path.reduce(member, value);
    if (this.#takes('EXISTS')) return (value) => select(value) !== undefined;
    if (this.#takes('NOT')) {
      if (!this.#takes('EXISTS')) throw invalidPattern();
      return (value) => select(value) === undefined;
    }
    if (this.#takes('IS')) {
      const wanted = { NULL: null, TRUE: true, FALSE: false }[this.#next().toUpperCase()];
      if (wanted === undefined) throw invalidPattern();
      return (value) => select(value) === wanted;
    }
    const compare = comparison(this.#next(), this.#next());
    return (value) => compare(select(value));
  }
}

function readPath(token: string): readonly string[] {
  if (!/^\$(?:\.[\w@-]+|\[(?:\d+|"[^"]+"|'[^']+')\])+$/.test(token)) throw invalidPattern();
  return [...token.matchAll(/\.([\w@-]+)|\[["']?([^\]"']+)["']?\]/g)].map(
    ([, name, index]) => name ?? index ?? '',
  );
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function comparison(operator: string, literal: string): JsonTest {
  if (!['=', '!=', '<', '>', '<=', '>='].includes(operator)) throw invalidPattern();
  if (literal.startsWith('%')) {
    const expression = new RegExp(literal.slice(1, -1));
    const test: JsonTest = (value) => typeof value === 'string' && expression.test(value);
    return operator === '=' ? test : (value) => value !== undefined && !test(value);
  }
  const isQuoted = literal.startsWith('"');
  const wanted = isQuoted ? literal.slice(1, -1).replaceAll(/\\(.)/g, '$1') : literal;
  const asNumber = Number(wanted);
  if (operator === '=' || operator === '!=') {
    const isEqual: JsonTest = (value) => {
      if (typeof value === 'number') return !isQuoted && value === asNumber;
      return typeof value === 'string' && wildcard(wanted).test(value);
    };
    return operator === '=' ? isEqual : (value) => value !== undefined && !isEqual(value);
  }
  if (isQuoted || !Number.isFinite(asNumber)) throw invalidPattern();
  return (value) => {
    if (typeof value !== 'number') return false;
    if (operator === '<') return value < asNumber;
    if (operator === '>') return value > asNumber;
    return operator === '<=' ? value <= asNumber : value >= asNumber;
  };
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`).replaceAll('*', '[^]*');
  return new RegExp(`^${source}$`);
}
