/** Tags that say whose a resource is. */
import type { Target } from '../model.ts';
import { isOwnedBy, ownershipTags } from '../names.ts';
import { TAG } from '../record.ts';

export type Tags = Readonly<Record<string, string>>;

/** The three tags that everything carries which is made for a function. */
export function ownerTags({ ref }: Pick<Target, 'ref'>): Record<string, string> {
  return { ...ownershipTags(ref) };
}

/** The names of those tags. */
export const OWNER_KEYS: readonly string[] = [TAG.app, TAG.stage, TAG.function];

/** As lists of `{ Key, Value }`, which most services want. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function tagsOfList(
  list:
    | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
    | undefined,
): Tags {
  return Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export function isOurs(target: Pick<Target, 'ref'>, tags: Tags | undefined): boolean {
  return tags !== undefined && isOwnedBy(target.ref, tags);
}
