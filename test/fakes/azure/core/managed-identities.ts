/** `Microsoft.ManagedIdentity/userAssignedIdentities`. */
import { requireApiVersion } from './api-versions.ts';
import { guidOf } from './guid.ts';
import { at, mapOf, textOf } from './json.ts';
import type { ArmCall, ArmProvider, FakeClock, WireReply } from './ports.ts';
import { parseId, sameId, type ResourceId } from './resource-id.ts';
import { ArmFault } from './service.ts';
import { tagsOf, type Tags } from './tags.ts';

interface ManagedIdentity {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly principalId: string;
  readonly clientId: string;
  readonly createdAt: number;
  tags: Tags;
}

const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const API_VERSIONS = [
  '2018-11-30',
  '2022-01-31-preview',
  '2023-01-31',
  '2023-07-31-preview',
  '2024-11-30',
];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/;

export class ManagedIdentities implements ArmProvider {
  readonly namespace = 'Microsoft.ManagedIdentity';
  readonly #clock: FakeClock;
  readonly #tenantId: string;
  readonly #identities = new Map<string, ManagedIdentity>();
  readonly #gone = new Set<string>();
  #incarnations = 0;

  constructor(options: { readonly clock: FakeClock; readonly tenantId: string }) {
    this.#clock = options.clock;
    this.#tenantId = options.tenantId;
  }

  identityOf(id: string): ManagedIdentity | undefined {
    return this.#identities.get(id.toLowerCase());
  }

  /** By the id of its principal, with the time of its making. */
  ofPrincipal(principalId: string): ManagedIdentity | undefined {
    return [...this.#identities.values()].find((one) => one.principalId === principalId);
  }

  isGone(principalId: string): boolean {
    return this.#gone.has(principalId);
  }

  handle(call: ArmCall): Promise<WireReply | undefined> {
    const id = parseId(call.path);
    if (id?.rest[0]?.toLowerCase() !== 'userassignedidentities' || id.rest.length > 2) {
      return Promise.resolve(undefined);
    }
    requireApiVersion(TYPE, call.apiVersion, API_VERSIONS);
    const name = id.rest[1];
    return Promise.resolve(name === undefined ? this.#list(call, id) : this.#one(call, id, name));
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    return this.#in(resourceGroup).map(({ id }) => id);
  }

  deleteGroup(resourceGroup: string): void {
    for (const identity of this.#in(resourceGroup)) this.#delete(identity);
  }

  tags(id: string): Tags | undefined {
    return this.identityOf(id)?.tags;
  }

  setTags(id: string, tags: Tags): void {
    const identity = this.identityOf(id);
    if (identity) identity.tags = tags;
  }

  inventory(): readonly string[] {
    return [...this.#identities.values()].map(({ name }) => `managed identity ${name}`);
  }

  #list(call: ArmCall, { resourceGroup }: ResourceId): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    const all = [...this.#identities.values()];
    const found = resourceGroup === undefined ? all : this.#in(resourceGroup);
    return { status: 200, body: { value: found.map((one) => this.#shown(one)) } };
  }

  #one(call: ArmCall, id: ResourceId, name: string): WireReply | undefined {
    const found = this.identityOf(call.path);
    if (call.method === 'PUT') return this.#put(call, name, found);
    if (call.method === 'DELETE') {
      if (found) this.#delete(found);
      return { status: found ? 200 : 204 };
    }
    if (!found) throw notFound(name, id.resourceGroup ?? '');
    if (call.method === 'PATCH') {
      if ('tags' in mapOf(call.body)) found.tags = tagsOf(call.body);
      return { status: 200, body: this.#shown(found) };
    }
    return call.method === 'GET' ? { status: 200, body: this.#shown(found) } : undefined;
  }

  #put(call: ArmCall, name: string, found: ManagedIdentity | undefined): WireReply {
    if (!NAME.test(name)) {
      throw new ArmFault(
        400,
        'InvalidResourceName',
        `The resource name '${name}' is not valid: it must begin with a letter or a digit, and have 3 to 128 letters, digits, '-' and '_'.`,
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
    if (found && found.location !== location) {
      throw new ArmFault(
        409,
        'InvalidResourceLocation',
        `The resource '${name}' already exists in location '${found.location}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
      );
    }
    if (found) {
      found.tags = tagsOf(call.body);
      return { status: 200, body: this.#shown(found) };
    }
    this.#incarnations += 1;
    const seed = `${call.path.toLowerCase()} ${this.#incarnations}`;
    const identity: ManagedIdentity = {
      id: call.path,
      name,
      location,
      principalId: guidOf(`principal ${seed}`),
      clientId: guidOf(`client ${seed}`),
      createdAt: this.#clock.now(),
      tags: tagsOf(call.body),
    };
    this.#identities.set(call.path.toLowerCase(), identity);
    return { status: 201, body: this.#shown(identity) };
  }

  #delete(identity: ManagedIdentity): void {
    this.#identities.delete(identity.id.toLowerCase());
    this.#gone.add(identity.principalId);
  }

  #in(resourceGroup: string): readonly ManagedIdentity[] {
    return [...this.#identities.values()].filter(({ id }) =>
      sameId(parseId(id)?.resourceGroup ?? '', resourceGroup),
    );
  }

  #shown({ id, name, location, tags, principalId, clientId }: ManagedIdentity): object {
    const properties = { tenantId: this.#tenantId, principalId, clientId };
    return { id, name, type: TYPE, location, tags, properties };
  }
}

function notFound(name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${TYPE}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}
