import { foreignFieldHint } from './foreign-fields.ts';
import { nearestName } from './nearest.ts';

/** What is said of a field that nobody knows. */
export function unknownField(key: string, known: readonly string[], what: string): string {
  const meant = foreignFieldHint(key, what);
  if (meant !== undefined) return `unknown field. ${meant}`;
  const nearest = nearestName(key, known);
  const hint =
    nearest === undefined
      ? `Remove it. Known fields of ${what}: ${known.join(', ')}.`
      : `Did you mean "${nearest}"? Rename or remove it.`;
  return `unknown field. ${hint}`;
}
