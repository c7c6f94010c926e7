/**
 * Which versions never had traffic. Lambda lets nobody change a version once it is published, so each one's description
 * says which was the newest that had served until then, and that of the alias which one it is now: a chain that leads
 * from one version that served to the one before, and passes over those that did not.
 */
import type { VersionStanding } from './model.ts';

export interface PublishedVersion {
  readonly version: string;
  /** `newest` of its own description, "0" for none; null where that tells nothing. */
  readonly before: string | null;
}

/**
 * How each version stands that never had traffic; all others did, or nothing is known of them.
 *
 * @param newest the newest that ever had traffic; null where it is not known.
 * @param serving those that have some now, whoever gave it to them.
 */
export function standings(
  versions: readonly PublishedVersion[],
  newest: string | null,
  serving: readonly string[],
): ReadonlyMap<string, VersionStanding> {
  const found = new Map<string, VersionStanding>();
  if (newest === null) return found;
  const befores = new Map(versions.map(({ version, before }) => [version, before]));
  // What another names served for certain, also where the alias was lost since.
  const named = new Set([...befores.values(), ...serving]);
  const told = versions.filter(({ version, before }) => before !== null && !named.has(version));
  for (const { version } of told) {
    if (Number(version) > Number(newest)) found.set(version, 'later');
  }
  let at: string | null = newest;
  while (at !== null) {
    const last: string = at;
    const before: string | null = befores.get(last) ?? null;
    // A number that does not fall would go round in circles.
    if (before === null || Number(before) >= Number(last)) break;
    for (const { version } of told) {
      const isBetween = Number(version) > Number(before) && Number(version) < Number(last);
      if (isBetween) found.set(version, 'skipped');
    }
    at = before;
  }
  return found;
}
