/**
 * What Resource Manager holds tags to.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
 */
import { at, isMap } from './json.ts';
import { ArmFault } from './service.ts';

export type Tags = Readonly<Record<string, string>>;

const MAX_TAGS = 50;
const MAX_NAME = 512;
const MAX_VALUE = 256;
const RESERVED = /[<>%&\\?/]/;

/** The tags of a body; none when it has none. Throws for what is not allowed. */
export function tagsOf(body: unknown): Tags {
  const tags = at(body, 'tags');
  if (tags === undefined || tags === null) return {};
  if (!isMap(tags)) throw invalid('tags');
  const entries = Object.entries(tags).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw invalid(`tags.${name}`);
    return [name, value];
  });
  return checkTags(Object.fromEntries(entries));
}

export function checkTags(tags: Tags): Tags {
  const names = Object.keys(tags);
  if (names.length > MAX_TAGS) {
    throw new ArmFault(
      400,
      'TooManyTags',
      `The number of tags ${names.length} exceeds the maximum number of tags '${MAX_TAGS}' on a resource.`,
    );
  }
  for (const [name, value] of Object.entries(tags)) checkTag(name, value);
  const folded = new Set(names.map((name) => name.toLowerCase()));
  if (folded.size < names.length) {
    throw new ArmFault(400, 'DuplicateTagName', 'Tag names must differ in more than their case.');
  }
  return tags;
}

function checkTag(name: string, value: string): void {
  if (RESERVED.test(name)) {
    throw new ArmFault(
      400,
      'InvalidTagNameCharacters',
      `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`,
    );
  }
  if (name.length > MAX_NAME || name === '') {
    throw new ArmFault(
      400,
      'InvalidTagName',
      `Tag name too large. Following tag name '${name}' exceeded the maximum length. Maximum allowed length for tag name - '${MAX_NAME}' characters.`,
    );
  }
  if (value.length > MAX_VALUE) {
    throw new ArmFault(
      400,
      'InvalidTagValueLength',
      `Tag value too large. Following tag value '${value}' exceeded the maximum length. Maximum allowed length for tag value - '${MAX_VALUE}' characters.`,
    );
  }
}

function invalid(path: string): ArmFault {
  return new ArmFault(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${path}' is not a string.`,
  );
}

/** The value of a tag, whose name's case does not matter. */
export function tagValue(tags: Tags, name: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** Tags with others put over them; a name keeps its place whatever its case. */
export function mergedTags(tags: Tags, over: Tags): Tags {
  const names = new Set(Object.keys(over).map((name) => name.toLowerCase()));
  const kept = Object.entries(tags).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...over };
}
