import { optionalInteger, optionalText, type Input } from '../core/operation.ts';

/** The part of a list that `Limit` and `NextToken` ask for. */
export function page<Item>(
  all: readonly Item[],
  input: Input,
): { readonly items: readonly Item[]; readonly token: { readonly NextToken?: string } } {
  const limit = optionalInteger(input, 'Limit', { min: 1, max: 100 }) ?? 100;
  const start = Number(optionalText(input, 'NextToken') ?? 0);
  const end = start + limit;
  return {
    items: all.slice(start, end),
    token: end < all.length ? { NextToken: String(end) } : {},
  };
}
