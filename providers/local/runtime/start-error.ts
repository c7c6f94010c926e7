/** Errors before the user's bundle, which brings the real serializer, is there. */
import type { SerializedError } from 'polyfaas/function';

/** Causes below this are dropped; an error may even be its own cause. */
const MAX_CAUSES = 8;

/** The plainest reading of what was thrown while an instance started, or by Node itself. */
export function toSerializedError(thrown: unknown, causesLeft = MAX_CAUSES): SerializedError {
  if (!(thrown instanceof Error))
    return {
      name: 'Error',
      message: `${describe(thrown)} was thrown instead of an Error`,
      stack: '',
    };
  const plain = { name: thrown.name, message: thrown.message, stack: thrown.stack ?? '' };
  return thrown.cause instanceof Error && causesLeft > 0
    ? { ...plain, cause: toSerializedError(thrown.cause, causesLeft - 1) }
    : plain;
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}
