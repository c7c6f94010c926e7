/** Errors before the user's bundle, which brings the real serializer, is there. */
import type { SerializedError } from 'polyfaas/function';

/** The plainest reading of what was thrown while an instance started, or by Node itself. */
export function toSerializedError(thrown: unknown): SerializedError {
  if (!(thrown instanceof Error))
    return {
      name: 'Error',
      message: `${describe(thrown)} was thrown instead of an Error`,
      stack: '',
    };
  const plain = { name: thrown.name, message: thrown.message, stack: thrown.stack ?? '' };
  return thrown.cause instanceof Error
    ? { ...plain, cause: toSerializedError(thrown.cause) }
    : plain;
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}
