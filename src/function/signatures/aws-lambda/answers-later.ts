/** Whether a Lambda handler that returned nothing has answered. */
import type { Callable } from '../caller.ts';

/**
 * Lambda waits until nothing is left to do, whatever the handler returned. Here, nobody knows when that is: of a handler
 * that can reach the callback, or a function of the context in its place, the call is waited for; any other has answered.
 * A function whose failures would be lost is worse than one that is waited for in vain, which its timeout tells. The
 * number of its parameters alone does not tell: `(...all)` and `(event, context, callback = log)` have fewer than 3.
 */
export function answersLater(handler: Callable): boolean {
  const text = Function.prototype.toString.call(handler);
  const { parameters, body } = partsOf(text);
  const [, context, callback] = parameters;
  if (/\barguments\b/.test(text) || parameters.some((one) => one.startsWith('...'))) return true;
  if (callback !== undefined) return usesValue(callback, body, '') || usesContext(context, body);
  // Bound, or of native code: there is no text to look at.
  return handler.length >= 3 || usesContext(context, body);
}

const ANSWERING = 'succeed|fail|done';

/** It answers by the context, or gives it to who may. */
function usesContext(parameter: string | undefined, body: string): boolean {
  if (parameter === undefined) return false;
  return parameter.startsWith('{')
    ? new RegExp(`\\b(?:${ANSWERING})\\b|\\.\\.\\.`).test(parameter)
    : usesValue(parameter, body, ANSWERING);
}

/**
 * Whether a parameter is more than read from: given on, called, or asked for one of these properties.
 *
 * @param properties those that count, as a pattern; empty: all count.
 */
function usesValue(parameter: string, body: string, properties: string): boolean {
  const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(parameter)?.[0];
  if (name === undefined) return true;
  const others = properties === '' ? '' : `(?!\\s*\\??\\.\\s*(?!(?:${properties})\\b)[\\w$])`;
  const pattern = `(?<![\\w$]|(?<!\\.\\.)\\.)${name.replaceAll('$', '\\$')}(?![\\w$])${others}`;
  return new RegExp(pattern).test(body);
}

/** A function's parameters, each as it is written, and what follows them. */
function partsOf(text: string): { readonly parameters: readonly string[]; readonly body: string } {
  const begin = text.indexOf('(');
  const arrow = text.indexOf('=>');
  // `event => ...`
  if (begin < 0 || (arrow >= 0 && arrow < begin)) return { parameters: [], body: text };
  const parameters: string[] = [];
  let depth = 0;
  let from = begin + 1;
  for (const { 0: sign, index } of text.slice(begin).matchAll(TOKENS)) {
    const at = begin + index;
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    if (depth > 1 || (depth === 1 && sign !== ',')) continue;
    parameters.push(text.slice(from, at).replace(COMMENTS, '').trim());
    from = at + 1;
    if (depth === 0) break;
  }
  return { parameters: parameters.filter((one) => one !== ''), body: text.slice(from) };
}

const COMMENTS = /\/\*[^]*?\*\/|\/\/.*/g;

/** Texts and comments are taken whole, so that what is in them counts for nothing. */
const TOKENS =
  /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|`(?:[^`\\]|\\[^])*`|\/\*[^]*?\*\/|\/\/.*|[()[\]{},]/g;
