/** A reason may be wrapped so often. */
const MAX_DEPTH = 5;

/**
 * What the socket said, such as `ECONNRESET`: transports wrap it in the `cause` of theirs, and the innermost word that is
 * known counts.
 *
 * @param known the codes that mean something, as names.
 */
export function socketCodeOf(
  cause: unknown,
  known: Readonly<Record<string, unknown>>,
): string | undefined {
  let found: string | undefined;
  let inner = cause;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (typeof inner !== 'object' || inner === null) return found;
    const code: unknown = Reflect.get(inner, 'code');
    if (typeof code === 'string' && Object.hasOwn(known, code)) found = code;
    inner = 'cause' in inner ? inner.cause : undefined;
  }
  return found;
}
