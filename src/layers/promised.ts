import { ServerlessError } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import type { CallInfo } from './layer.ts';

/** What an adapter answers is to be a promise. One without types may answer at once, and no layer could wait for that. */
export function promised<Value>(info: CallInfo, answer: Promise<Value>): Promise<Value> {
  if (answer instanceof Promise) return answer;
  if (isThenable(answer)) return Promise.resolve(answer);
  throw new ServerlessError({
    code: 'UNKNOWN',
    provider: info.provider,
    function: info.function,
    step: info.step,
    message: `The adapter "${info.provider}" answered ${info.call}() with ${describeValue([], answer)}, and not with a promise. That is a defect of the adapter: tell its authors.`,
  });
}

/** Of another realm, or of a library of its own. */
function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
