/** Tags of a function that are not polyfaas's own. */
import type { AwsObserved } from '../model.ts';
import type { AppliedSettings } from './applied.ts';

/** The user's own tags: those to set, and those to take away. */
export interface TagChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly differ: boolean;
}

/** A function that is made gets them at once; tags of others stay. */
export function userTagChanges(
  wish: Readonly<Record<string, string>>,
  { latest, isStranger }: AwsObserved,
  before: AppliedSettings | null,
): TagChanges {
  if (!latest || isStranger) return { set: {}, unset: [], differ: false };
  const { tags } = latest;
  const set = Object.fromEntries(
    Object.entries(wish).filter(([key, value]) => tags[key] !== value),
  );
  const unset = (before?.tags ?? []).filter((key) => wish[key] === undefined && key in tags);
  return { set, unset, differ: Object.keys(set).length + unset.length > 0 };
}

/** Tags of somebody else's, which stay. */
export function foreignTags(
  { latest }: AwsObserved,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(latest?.tags ?? {}).filter(
      ([key]) => !key.startsWith('polyfaas:') && !Object.hasOwn(own, key),
    ),
  );
}
