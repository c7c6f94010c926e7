/** Lists of resources of a group, or of the subscription, with their tags. */
import { requireApiVersion } from '../core/api-versions.ts';
import type { ArmCall, ArmProvider, WireReply } from '../core/ports.ts';
import { parseId, typeOf } from '../core/resource-id.ts';
import { ArmFault } from '../core/service.ts';
import { tagValue, type Tags } from '../core/tags.ts';
import { methodNotAllowed } from './faults.ts';
import { RESOURCES_API_VERSIONS, type ResourceGroup } from './groups.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly tags: Tags;
}

type Term = (resource: Listed) => boolean;

export function listResources(
  call: ArmCall,
  groups: readonly ResourceGroup[],
  providers: readonly ArmProvider[],
): WireReply {
  requireApiVersion('Microsoft.Resources/resources', call.apiVersion, RESOURCES_API_VERSIONS);
  if (call.method !== 'GET') throw methodNotAllowed(call.method, call.path);
  const filter = call.query.get('$filter') ?? '';
  const matches = termsOf(filter);
  const top = Number(call.query.get('$top') ?? Number.POSITIVE_INFINITY);
  const found = groups
    .flatMap((group) =>
      providers.flatMap((provider) =>
        provider.resourcesIn(group.name).map((id) => listed(id, group, provider)),
      ),
    )
    .filter((resource) => matches.every((term) => term(resource)))
    .slice(0, top);
  // As the documentation has it: who asks by a tag gets no tags back.
  const isByTag = /tagName/i.test(filter);
  const value = found.map(({ tags, ...rest }) => (isByTag ? rest : { ...rest, tags }));
  return { status: 200, body: { value } };
}

function listed(id: string, group: ResourceGroup, provider: ArmProvider): Listed {
  const parsed = parseId(id);
  return {
    id,
    name: parsed?.rest.at(-1) ?? '',
    type: parsed ? typeOf(parsed) : '',
    location: group.location,
    tags: provider.tags(id) ?? {},
  };
}

/** A filter by tag stands alone; others may be joined. */
function termsOf(filter: string): readonly Term[] {
  if (filter.trim() === '') return [];
  const byTag = /^tagName eq '([^']*)'(?: and tagValue eq '([^']*)')?$/i.exec(filter.trim());
  if (byTag) {
    const [, name = '', value] = byTag;
    return [
      ({ tags }) => {
        const found = tagValue(tags, name);
        return found !== undefined && (value === undefined || found === value);
      },
    ];
  }
  return filter.split(/\s+and\s+/i).map((text): Term => {
    const [, property = '', wanted = ''] =
      /^\(?\s*(resourceType|name|location)\s+eq\s+'([^']*)'\s*\)?$/i.exec(text.trim()) ?? [];
    const same = (value: string): boolean => value.toLowerCase() === wanted.toLowerCase();
    if (property.toLowerCase() === 'resourcetype') return ({ type }) => same(type);
    if (property.toLowerCase() === 'name') return ({ name }) => same(name);
    if (property.toLowerCase() === 'location') return ({ location }) => same(location);
    throw new ArmFault(
      400,
      'InvalidFilterInQueryString',
      `Invalid $filter '${filter}' specified in the query string.`,
    );
  });
}
