import { isPlainObject } from './plain-data.ts';

const CODE_FIELDS = ['entry', 'source', 'artifact', 'image'] as const;

/**
 * Lays `over` upon `base`. Objects are merged key by key; lists, secrets and everything else are replaced.
 * Where `over` says where the code comes from, the code of `base` goes. Neither argument is changed.
 */
export function mergeOver(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  if (Object.hasOwn(base, '$secret') || Object.hasOwn(over, '$secret')) return over;
  const result: Record<string, unknown> = { ...base };
  if (CODE_FIELDS.some((field) => typeof over[field] === 'string')) {
    for (const field of CODE_FIELDS) delete result[field];
  }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    result[key] = Object.hasOwn(result, key) ? mergeOver(result[key], value) : value;
  }
  return result;
}
