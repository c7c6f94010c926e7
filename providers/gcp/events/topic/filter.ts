import { allThatFit, anyOf, equals } from '../filter.ts';

/** Lets through what has one of the values for every key, or more where that does not fit. */
export function topicFilter(filter: Readonly<Record<string, readonly string[]>> = {}): string {
  const conditions = Object.entries(filter).flatMap(([key, values]) =>
    // No value at all lets nothing through, which has no words here.
    values.length === 0 ? [] : [anyOf(values.map((value) => equals(key, value)))],
  );
  return allThatFit(conditions);
}

/** False where the code inside has to look once more. */
export function fitsWhole(filter: Readonly<Record<string, readonly string[]>> = {}): boolean {
  return Object.entries(filter).every(([key]) => {
    const { [key]: _, ...others } = filter;
    return topicFilter(others) !== topicFilter(filter);
  });
}
