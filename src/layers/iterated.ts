/** Whether what an adapter gives item by item is that: one without types may give a list, or a promise of one. */
import { ServerlessError } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import type { CallInfo } from './layer.ts';

/** @throws ServerlessError UNKNOWN for what is no async iterable. */
export function begunItems<Item>(
  info: CallInfo,
  answer: AsyncIterable<Item>,
): AsyncIterator<Item, unknown> {
  if (!hasMethod(answer, Symbol.asyncIterator)) {
    throw defect(
      info,
      `answered ${info.call}() with ${told(answer)}, and not with an async iterable`,
    );
  }
  const iterator = answer[Symbol.asyncIterator]();
  if (hasMethod(iterator, 'next')) return iterator;
  throw defect(info, `gave ${told(iterator)} for the items of ${info.call}(), and not an iterator`);
}

/** @throws ServerlessError UNKNOWN for what tells neither an item nor the end. */
export function checkedItem<Item>(
  info: CallInfo,
  result: IteratorResult<Item, unknown>,
): IteratorResult<Item, unknown> {
  if (isObject(result)) return result;
  throw defect(info, `gave ${told(result)} in ${info.call}(), and not { value, done }`);
}

function told(value: unknown): string {
  if (!hasMethod(value, 'then')) return describeValue([], value);
  // Nobody awaits it, and it must not end the process.
  Promise.resolve(value).catch(() => undefined);
  return 'a promise';
}

function hasMethod(value: unknown, name: string | symbol): boolean {
  return isObject(value) && typeof Reflect.get(value, name) === 'function';
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function defect({ provider, function: name }: CallInfo, what: string): ServerlessError {
  return new ServerlessError({
    code: 'UNKNOWN',
    provider,
    function: name,
    message: `The adapter "${provider}" ${what}. That is a defect of the adapter: tell its authors.`,
  });
}
