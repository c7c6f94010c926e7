const MAX_CHARACTERS = 80;

/** A wrong argument in a message: whatever it is, this does not fail, and it is not long. */
export function told(value: unknown): string {
  if (typeof value === 'string') return `"${cut(value)}"`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  // What an object says of itself may be anything, or fail.
  if (typeof value === 'object' && value !== null) return 'this';
  return cut(String(value));
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}...` : text;
}
