/**
 * Filters of subscriptions, over the attributes of messages ("Filter messages from a subscription"). They spare deliveries:
 * the code inside looks at everything once more. So a filter may let more through than is wanted, but never less; what
 * cannot be said, or does not fit, is left out.
 */

/** The longest filter, in bytes. */
const LONGEST = 256;

/** True when an attribute has a value. */
export function equals(key: string, value: string): string {
  return `attributes.${name(key)} = ${text(value)}`;
}

export function hasPrefix(key: string, prefix: string): string {
  return `hasPrefix(attributes.${name(key)}, ${text(prefix)})`;
}

export function has(key: string): string {
  return `attributes:${name(key)}`;
}

export function not(condition: string): string {
  return `NOT ${condition}`;
}

/** Any of them. */
export function anyOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' OR ')})`;
}

/** As many of the conditions as fit; all must hold. Empty: everything passes. */
export function allThatFit(conditions: readonly string[]): string {
  let filter = '';
  for (const condition of conditions) {
    const more = filter === '' ? condition : `${filter} AND ${condition}`;
    if (Buffer.byteLength(more) <= LONGEST) filter = more;
  }
  return filter;
}

/** Keys of other characters than letters, digits and "_" are written as texts. */
function name(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !RESERVED.has(key) ? key : text(key);
}

const RESERVED = new Set(['AND', 'OR', 'NOT', 'attributes', 'hasPrefix']);

function text(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    // Control characters, and halves of characters that are none alone.
    .replaceAll(
      /[\p{Cc}\p{Cs}\u2028\u2029]/gu,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `"${escaped}"`;
}
