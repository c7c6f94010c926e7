import type { Path } from './issues.ts';
import { shorten } from './issues.ts';
import { hasSecretName, hasSecretShape } from './secret-like.ts';

const HIDDEN_KEY =
  /secret|token|passw|passphrase|credential|private.?key|api.?key|access.?key|connection.?string|app.?settings|^auth$/i;

/** True where a value must not be printed: under `env`, and under any key that sounds like a secret. */
export function isHiddenPath(path: Path): boolean {
  return path.some(
    (part) =>
      typeof part === 'string' && (part === 'env' || HIDDEN_KEY.test(part) || hasSecretName(part)),
  );
}

/** The value as an error may show it: short, and without secrets. */
export function describeValue(path: Path, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (isHiddenPath(path)) return 'the value (hidden)';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return hasSecretShape(value) ? 'the value (hidden)' : JSON.stringify(shorten(value, 60));
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    default:
      return 'an object';
  }
}
