import { optionalInteger, optionalText, type Input } from '../core/operation.ts';

/** One page of a list, as `Marker` and `MaxItems` ask for. */
export function page(input: Input, member: string, all: readonly unknown[]): object {
  const rules = { code: 'ValidationError' };
  const size = optionalInteger(input, 'MaxItems', { ...rules, min: 1, max: 1000 }) ?? 100;
  const from = Number(optionalText(input, 'Marker', { ...rules, pattern: /\d+/ }) ?? 0);
  const isTruncated = all.length > from + size;
  return {
    [member]: all.slice(from, from + size),
    IsTruncated: isTruncated,
    ...(isTruncated && { Marker: String(from + size) }),
  };
}
