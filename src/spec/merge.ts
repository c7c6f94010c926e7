import { CODE_FIELDS } from './exclusive.ts';
import { isPlainObject } from './plain-data.ts';

/**
 * Lays one whole configuration, or what an environment changes of it, upon another, as {@link mergeFields} does.
 * Where a function of `over` says where its code comes from, the code of that function in `base` goes.
 */
export function mergeOver(base: unknown, over: unknown): unknown {
  return mergeFields(withoutReplacedCode(base, over), over);
}

/**
 * Lays `over` upon `base`, whatever their fields are called. Objects are merged key by key; lists, secrets and
 * everything else are replaced. Neither argument is changed.
 */
export function mergeFields(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  if (Object.hasOwn(base, '$secret') || Object.hasOwn(over, '$secret')) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    result[key] = Object.hasOwn(result, key) ? mergeFields(result[key], value) : value;
  }
  return result;
}

function withoutReplacedCode(base: unknown, over: unknown): unknown {
  if (!isPlainObject(base) || !isPlainObject(over)) return base;
  const { functions } = base;
  const changes = over['functions'];
  if (!isPlainObject(functions) || !isPlainObject(changes)) return base;
  const kept = Object.entries(functions).map(([name, spec]) => [
    name,
    Object.hasOwn(changes, name) ? withoutCodeOf(spec, changes[name]) : spec,
  ]);
  return { ...base, functions: Object.fromEntries(kept) };
}

/** Only among a function's own fields are these names about code: in `env`, `tags` and options they are anything. */
function withoutCodeOf(spec: unknown, changes: unknown): unknown {
  if (!isPlainObject(spec) || !isPlainObject(changes)) return spec;
  if (!CODE_FIELDS.some((field) => typeof changes[field] === 'string')) return spec;
  const code: readonly string[] = CODE_FIELDS;
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !code.includes(key)));
}
