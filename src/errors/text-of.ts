/** What is thrown says of itself. Its fields may be no texts, or throw when they are read. */
export function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  const isError = thrown instanceof Error;
  return (
    (isError && (textAt(thrown, 'message') ?? textAt(thrown, 'name'))) || 'An unknown failure.'
  );
}

/** The text in a field, if there is one. */
export function textAt(thrown: Error, field: string): string | undefined {
  try {
    const value: unknown = Reflect.get(thrown, field);
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
