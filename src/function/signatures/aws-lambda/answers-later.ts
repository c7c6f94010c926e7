/** Whether a Lambda handler that returned nothing has answered. */
import type { Callable } from '../caller.ts';

/**
 * Lambda waits until nothing is left to do, whatever the handler returned. Here, nobody knows when that is: of a handler
 * that can reach the callback, or a function of the context in its place, the call is waited for; any other has answered.
 * The number of its parameters alone does not tell: `(...all)` and `(event, context, callback = log)` have fewer than 3.
 */
export function answersLater(handler: Callable): boolean {
  if (handler.length >= 3) return true;
  const text = Function.prototype.toString.call(handler);
  if (/\barguments\b|\.(?:succeed|fail|done)\(/.test(text)) return true;
  const parameters = parametersOf(text);
  return parameters.length >= 3 || parameters.some((one) => one.startsWith('...'));
}

/** The texts of a function's parameters, as they are written. */
function parametersOf(text: string): readonly string[] {
  const begin = text.indexOf('(');
  const arrow = text.indexOf('=>');
  // `event => ...`
  if (begin < 0 || (arrow >= 0 && arrow < begin)) return [];
  const parameters: string[] = [];
  let depth = 0;
  let from = begin + 1;
  for (const { 0: sign, index } of text.slice(begin).matchAll(TOKENS)) {
    const at = begin + index;
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    if (depth > 1 || (depth === 1 && sign !== ',')) continue;
    parameters.push(text.slice(from, at).trim());
    from = at + 1;
    if (depth === 0) break;
  }
  return parameters.filter((one) => one !== '');
}

/** Texts and comments are taken whole, so that what is in them counts for nothing. */
const TOKENS =
  /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|`(?:[^`\\]|\\[^])*`|\/\*[^]*?\*\/|\/\/.*|[()[\]{},]/g;
