/** Filters of topics, in the SQL of Service Bus ("Service Bus subscription rule SQL filter syntax"). */

/** Service Bus quotas: a SQL filter has at most 1,024 characters. */
export const LONGEST_SQL_FILTER = 1024;

/** What lets everything through. */
const EVERYTHING = '1=1';
const NOTHING = '1=0';

/**
 * Lets through what has one of the values for every key. Attributes are application properties.
 *
 * @example `user.[tenant] IN ('blue','green') AND user.[level] IN ('high')`
 */
export function sqlFilter(filter: Readonly<Record<string, readonly string[]>> = {}): string {
  const conditions = Object.entries(filter).map(([key, values]) =>
    values.length === 0 ? NOTHING : `user.${property(key)} IN (${values.map(text).join(',')})`,
  );
  return conditions.length === 0 ? EVERYTHING : conditions.join(' AND ');
}

/** Names in brackets may hold anything; a closing bracket is written twice. */
function property(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A single quote is written twice. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
