/** The tags of a function app that say what was declared. */
import { type Change, type DeployRequest, fieldChanges } from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { FunctionSettings } from '../options.ts';
import { TAG } from '../record.ts';

export interface TagChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly differ: boolean;
}

/** Tags of others stay. A function app that is made gets its own when the record is written. */
export function userTags(
  { spec }: DeployRequest,
  { storageAccount }: FunctionSettings,
  { site, isStranger }: AzureObserved,
  before: readonly string[],
): TagChanges {
  const present = isStranger ? {} : (site?.tags ?? {});
  const wish: Record<string, string> = {
    ...spec.tags,
    ...(storageAccount === null ? {} : { [TAG.storage]: storageAccount }),
    ...(spec.description === '' ? {} : { [TAG.description]: spec.description }),
  };
  const set = Object.fromEntries(
    Object.entries(wish).filter(([key, value]) => present[key] !== value),
  );
  const unset = [...before, TAG.storage, TAG.description].filter(
    (key) => wish[key] === undefined && present[key] !== undefined,
  );
  return { set, unset, differ: Object.keys(set).length + unset.length > 0 };
}

/** The description is a tag, too, and is told by its own name. */
export function tagChanges(
  { set, unset }: TagChanges,
  { site }: AzureObserved,
  description: string,
): readonly Change[] {
  const isTag = (key: string): boolean => key !== TAG.description;
  const before = { description: site?.tags[TAG.description] ?? '' };
  return [
    ...fieldChanges(before, { description }, ['description']),
    ...([...Object.keys(set), ...unset].some(isTag)
      ? [{ action: 'update' as const, subject: 'tags' }]
      : []),
  ];
}
