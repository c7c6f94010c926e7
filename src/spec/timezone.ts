let spellings: ReadonlyMap<string, string> | undefined;

/**
 * A time zone in the usual spelling: `utc` and `UTC` are one. Aliases stay, because which of two names is the alias
 * differs between versions of Node, and a plan must not.
 */
export function normalTimezone(name: string): string {
  // Spares most programs the tables of `Intl`.
  if (name === 'UTC') return name;
  spellings ??= new Map(
    ['UTC', ...Intl.supportedValuesOf('timeZone')].map((known) => [known.toLowerCase(), known]),
  );
  return spellings.get(name.toLowerCase()) ?? name;
}
