/** The user's code does not keep its side of the contract: a wrong export, a wrong answer. The message says what to do. */
export class HandlerContractError extends Error {
  override readonly name = 'HandlerContractError';
}

/** Names a value for an error message, without printing what is in it. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    if (keys.length === 0) return 'an object without properties';
    const shown = keys.slice(0, 8).join(', ');
    return `an object with ${shown}${keys.length > 8 ? ` and ${keys.length - 8} more` : ''}`;
  }
  if (typeof value === 'undefined') return 'undefined';
  return typeof value === 'function' ? 'a function' : `a ${typeof value}`;
}
