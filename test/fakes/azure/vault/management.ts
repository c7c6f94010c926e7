/** `Microsoft.KeyVault/vaults`. */
import { requireApiVersion } from '../core/api-versions.ts';
import { at, mapOf, textOf } from '../core/json.ts';
import type { ArmCall, ArmProvider, WireReply } from '../core/ports.ts';
import { parseId } from '../core/resource-id.ts';
import { ArmFault } from '../core/service.ts';
import { tagsOf, type Tags } from '../core/tags.ts';
import type { Vault, Vaults } from './store.ts';

export interface VaultManagementParts {
  readonly tenantId: string;
  /** Where vaults answer. */
  readonly plane: string;
}

const TYPE = 'Microsoft.KeyVault/vaults';
const API_VERSIONS = [
  '2019-09-01',
  '2021-10-01',
  '2022-07-01',
  '2023-02-01',
  '2023-07-01',
  '2024-11-01',
  '2025-05-01',
];
/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault */
const NAME = /^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$/;

export class VaultManagement implements ArmProvider {
  readonly namespace = 'Microsoft.KeyVault';
  readonly #vaults: Vaults;
  readonly #parts: VaultManagementParts;

  constructor(vaults: Vaults, parts: VaultManagementParts) {
    this.#vaults = vaults;
    this.#parts = parts;
  }

  handle(call: ArmCall): Promise<WireReply | undefined> {
    const id = parseId(call.path);
    const [type, name, ...more] = id?.rest ?? [];
    if (type?.toLowerCase() !== 'vaults' || more.length > 0) return Promise.resolve(undefined);
    requireApiVersion(TYPE, call.apiVersion, API_VERSIONS);
    const group = id?.resourceGroup;
    if (name === undefined) {
      if (call.method !== 'GET') return Promise.resolve(undefined);
      const found = group === undefined ? this.#vaults.all : this.#vaults.in(group);
      const value = found.map((vault) => this.#shown(vault));
      return Promise.resolve({ status: 200, body: { value } });
    }
    return Promise.resolve(group === undefined ? undefined : this.#one(call, group, name));
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    return this.#vaults.in(resourceGroup).map(({ id }) => id);
  }

  deleteGroup(resourceGroup: string): void {
    for (const vault of this.#vaults.in(resourceGroup)) this.#vaults.delete(vault);
  }

  tags(id: string): Tags | undefined {
    return this.#vaults.byId(id)?.tags;
  }

  setTags(id: string, tags: Tags): void {
    const vault = this.#vaults.byId(id);
    if (vault) vault.tags = tags;
  }

  inventory(): readonly string[] {
    return this.#vaults.all.flatMap((vault) => [
      `key vault ${vault.name}`,
      ...[...vault.secrets.values()].map(({ name }) => `key vault secret ${vault.name}/${name}`),
    ]);
  }

  #one(call: ArmCall, group: string, name: string): WireReply | undefined {
    const found = this.#vaults.byId(call.path);
    if (call.method === 'PUT') return this.#put(call, group, name, found);
    if (call.method === 'DELETE') {
      if (found) this.#vaults.delete(found);
      return { status: found ? 200 : 204 };
    }
    if (!found) {
      throw new ArmFault(
        404,
        'ResourceNotFound',
        `The Resource '${TYPE}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      );
    }
    if (call.method === 'PATCH') {
      if ('tags' in mapOf(call.body)) found.tags = tagsOf(call.body);
      found.properties = { ...found.properties, ...mapOf(at(call.body, 'properties')) };
      return { status: 200, body: this.#shown(found) };
    }
    return call.method === 'GET' ? { status: 200, body: this.#shown(found) } : undefined;
  }

  #put(call: ArmCall, group: string, name: string, found: Vault | undefined): WireReply {
    if (!NAME.test(name)) {
      throw new ArmFault(
        400,
        'VaultNameNotValid',
        `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.`,
      );
    }
    const location = textOf(at(call.body, 'location')).toLowerCase().replaceAll(' ', '');
    const properties = mapOf(at(call.body, 'properties'));
    if (location === '') throw missing('location');
    if (textOf(properties['tenantId']) !== this.#parts.tenantId) throw missing('tenantId');
    if (!/^(?:standard|premium)$/i.test(textOf(at(properties, 'sku', 'name'))))
      throw missing('sku');
    const isByRole = properties['enableRbacAuthorization'] === true;
    if (!isByRole && !Array.isArray(properties['accessPolicies'])) throw missing('accessPolicies');
    const tags = tagsOf(call.body);
    if (found) {
      found.properties = properties;
      found.tags = tags;
      return { status: 200, body: this.#shown(found) };
    }
    if (this.#vaults.get(name)) {
      throw new ArmFault(
        409,
        'VaultAlreadyExists',
        `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`,
      );
    }
    const made = { name, id: call.path, resourceGroup: group, location, properties, tags };
    return { status: 201, body: this.#shown(this.#vaults.add(made)) };
  }

  #shown({ id, name, location, tags, properties }: Vault): object {
    return {
      id,
      name,
      type: TYPE,
      location,
      tags,
      properties: {
        ...properties,
        vaultUri: `${this.#parts.plane}/${name}/`,
        provisioningState: 'Succeeded',
        publicNetworkAccess: 'Enabled',
      },
    };
  }
}

function missing(member: string): ArmFault {
  return new ArmFault(
    400,
    'BadRequest',
    `The parameter ${member} is not specified or is not valid.`,
  );
}
