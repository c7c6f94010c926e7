/** Resource groups. */
import { REGIONS } from '../web/regions.ts';
import { requireApiVersion } from '../core/api-versions.ts';
import { at, mapOf, textOf } from '../core/json.ts';
import type { ArmCall, ArmProvider, OperationsPort, WireReply } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';
import { tagValue, tagsOf, type Tags } from '../core/tags.ts';
import { groupBeingDeleted, groupNotFound, methodNotAllowed } from './faults.ts';

export interface ResourceGroup {
  /** As it was written when it was made. */
  readonly name: string;
  readonly id: string;
  readonly location: string;
  tags: Tags;
  /** Where its deletion, once it has begun, can be followed. */
  deletion: Readonly<Record<string, string>> | undefined;
}

export interface GroupsParts {
  readonly subscriptionId: string;
  readonly operations: OperationsPort;
  providers(): readonly ArmProvider[];
}

const TYPE = 'Microsoft.Resources/resourceGroups';
export const RESOURCES_API_VERSIONS = [
  '2019-10-01',
  '2020-06-01',
  '2020-10-01',
  '2021-01-01',
  '2021-04-01',
  '2022-09-01',
  '2023-07-01',
  '2024-03-01',
  '2024-07-01',
  '2024-11-01',
  '2025-03-01',
  '2025-04-01',
];
const NAME = /^[-\p{L}\p{N}_.()]{0,89}[-\p{L}\p{N}_()]$/u;
/** Deleting a group takes its time. */
const DELETION_MS = 10_000;

export class ResourceGroups {
  readonly #parts: GroupsParts;
  readonly #groups = new Map<string, ResourceGroup>();

  constructor(parts: GroupsParts) {
    this.#parts = parts;
  }

  get all(): readonly ResourceGroup[] {
    return [...this.#groups.values()];
  }

  get(name: string): ResourceGroup | undefined {
    return this.#groups.get(name.toLowerCase());
  }

  /** Throws when it is not there, or, for a change, when it is about to go. */
  require(name: string, isChange: boolean): ResourceGroup {
    const group = this.get(name);
    if (!group) throw groupNotFound(name);
    if (isChange && group.deletion) throw groupBeingDeleted(group.name);
    return group;
  }

  /** Makes a group without asking anyone, for the tests. */
  ensure(name: string, location: string): ResourceGroup {
    const found = this.get(name);
    if (found) return found;
    const id = `/subscriptions/${this.#parts.subscriptionId}/resourceGroups/${name}`;
    const group: ResourceGroup = { name, id, location, tags: {}, deletion: undefined };
    this.#groups.set(name.toLowerCase(), group);
    return group;
  }

  handle(call: ArmCall, name: string): WireReply {
    requireApiVersion(TYPE, call.apiVersion, RESOURCES_API_VERSIONS);
    if (call.method === 'PUT') return this.#put(call, name);
    const group = this.get(name);
    if (!group) throw groupNotFound(name);
    if (call.method === 'GET') return { status: 200, body: shown(group) };
    if (call.method === 'HEAD') return { status: 204 };
    if (call.method === 'DELETE') return { status: 202, headers: this.#delete(group) };
    if (call.method !== 'PATCH') throw methodNotAllowed(call.method, call.path);
    if (group.deletion) throw groupBeingDeleted(group.name);
    if ('tags' in mapOf(call.body)) group.tags = tagsOf(call.body);
    return { status: 200, body: shown(group) };
  }

  list(call: ArmCall): WireReply {
    requireApiVersion(TYPE, call.apiVersion, RESOURCES_API_VERSIONS);
    if (call.method !== 'GET') throw methodNotAllowed(call.method, call.path);
    const filter = call.query.get('$filter');
    const found = this.all.filter(({ tags }) => filter === null || hasTag(tags, filter));
    return { status: 200, body: { value: found.map(shown) } };
  }

  #put(call: ArmCall, name: string): WireReply {
    if (!NAME.test(name)) {
      throw new ArmFault(
        400,
        'InvalidResourceGroup',
        `The provided resource group name '${name}' has invalid characters, ends with a period, or is longer than 90 characters.`,
      );
    }
    const location = textOf(at(call.body, 'location')).toLowerCase().replaceAll(' ', '');
    if (location === '') {
      throw new ArmFault(
        400,
        'LocationRequired',
        'The location property is required for this definition.',
      );
    }
    if (!REGIONS.includes(location)) {
      throw new ArmFault(
        400,
        'LocationNotAvailableForResourceGroup',
        `The provided location '${location}' is not available for resource group. List of available regions is '${REGIONS.join(',')}'.`,
      );
    }
    const tags = tagsOf(call.body);
    const found = this.get(name);
    if (found?.deletion) throw groupBeingDeleted(found.name);
    if (found && found.location !== location) {
      throw new ArmFault(
        409,
        'InvalidResourceGroupLocation',
        `Invalid resource group location '${location}'. The Resource group already exists in location '${found.location}'.`,
      );
    }
    const group = this.ensure(name, location);
    group.tags = tags;
    return { status: found ? 200 : 201, body: shown(group) };
  }

  /** Follows a deletion that is under way already. */
  #delete(group: ResourceGroup): Readonly<Record<string, string>> {
    if (group.deletion) return group.deletion;
    const headers = this.#parts.operations.begin({
      durationMs: DELETION_MS,
      end: () => {
        for (const provider of this.#parts.providers()) provider.deleteGroup(group.name);
        this.#groups.delete(group.name.toLowerCase());
      },
    });
    // Groups answer with a location only.
    const { location = '', 'retry-after': retryAfter = '' } = headers;
    group.deletion = { location, 'retry-after': retryAfter };
    return group.deletion;
  }
}

function hasTag(tags: Tags, filter: string): boolean {
  const match = /^tagName eq '([^']*)'(?: and tagValue eq '([^']*)')?$/i.exec(filter.trim());
  const [, name, value] = match ?? [];
  if (name === undefined) {
    throw new ArmFault(
      400,
      'InvalidFilterInQueryString',
      `Invalid $filter '${filter}' specified in the query string.`,
    );
  }
  const found = tagValue(tags, name);
  return found !== undefined && (value === undefined || found === value);
}

function shown({ id, name, location, tags, deletion }: ResourceGroup): object {
  const provisioningState = deletion ? 'Deleting' : 'Succeeded';
  return { id, name, type: TYPE, location, tags, properties: { provisioningState } };
}
