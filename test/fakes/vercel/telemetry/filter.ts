/**
 * Filters of metrics: `environment:production httpStatus:(500 OR 504) -functionStartType:cold`. Terms that stand beside
 * each other must all hold.
 */
import { badRequest } from '../core/fault.ts';
import { DIMENSIONS, type Invocation } from './catalog.ts';

export type Filter = (invocation: Invocation) => boolean;

type Test = (value: string) => boolean;

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|(>=|<=|[()<>:-])|([^\s"()<>:]+))/y;

/** @throws VercelFault 400 for what is no filter, and for dimensions that are none. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  let at = 0;
  const isNext = (mark: string): boolean => {
    const token = tokens[at];
    return token !== undefined && !token.isQuoted && token.text.toUpperCase() === mark;
  };
  const take = (mark: string): boolean => {
    if (!isNext(mark)) return false;
    at += 1;
    return true;
  };
  const fail = (): Error =>
    badRequest(`Invalid filter: unexpected ${JSON.stringify(tokens[at]?.text ?? 'end')}`);
  const word = (): string => {
    const token = tokens[at];
    if (!token || (!token.isQuoted && /^[()<>:]|^>=$|^<=$/.test(token.text))) throw fail();
    at += 1;
    return token.text;
  };

  const or = (): Filter => {
    const parts = [and()];
    while (take('OR')) parts.push(and());
    return (invocation) => parts.some((part) => part(invocation));
  };
  const and = (): Filter => {
    const parts = [not()];
    while (take('AND') || (at < tokens.length && !isNext('OR') && !isNext(')'))) parts.push(not());
    return (invocation) => parts.every((part) => part(invocation));
  };
  const not = (): Filter => {
    if (take('NOT') || take('-')) {
      const part = not();
      return (invocation) => !part(invocation);
    }
    if (!take('(')) return term();
    const inner = or();
    if (!take(')')) throw fail();
    return inner;
  };
  const term = (): Filter => {
    const name = word();
    const read = DIMENSIONS[name];
    if (!read) throw badRequest(`Invalid filter: unknown dimension "${name}"`);
    if (!take(':')) throw fail();
    const test = values();
    return (invocation) => test(read(invocation));
  };
  const values = (): Test => {
    for (const [mark, holds] of Object.entries(COMPARISONS)) {
      if (!take(mark)) continue;
      const limit = Number(word());
      if (Number.isNaN(limit)) throw badRequest(`Invalid filter: ${mark} takes a number`);
      return (value) => holds(Number(value), limit);
    }
    if (!take('(')) return equal(word());
    const tests = [equal(word())];
    while (take('OR')) tests.push(equal(word()));
    if (!take(')')) throw fail();
    return (value) => tests.some((test) => test(value));
  };

  const filter = or();
  if (at < tokens.length) throw fail();
  return filter;
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '>=': (value, limit) => value >= limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '<': (value, limit) => value < limit,
};

/** `*` stands for anything. */
function equal(wanted: string): Test {
  const parts = wanted.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return (value) => pattern.test(value);
}

function tokensOf(text: string): readonly { readonly text: string; readonly isQuoted: boolean }[] {
  const tokens: { readonly text: string; readonly isQuoted: boolean }[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(rest);
    if (!match) throw badRequest(`Invalid filter: unexpected "${rest.slice(from, from + 10)}"`);
    const [, quoted, mark, word = ''] = match;
    const isQuoted = quoted !== undefined;
    tokens.push({ text: isQuoted ? quoted.replaceAll(/\\(.)/g, '$1') : (mark ?? word), isQuoted });
  }
  return tokens;
}
