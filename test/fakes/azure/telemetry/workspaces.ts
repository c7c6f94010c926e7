/** Log Analytics workspaces: `Microsoft.OperationalInsights/workspaces`. */
import { requireApiVersion } from '../core/api-versions.ts';
import { guidOf } from '../core/guid.ts';
import { at, mapOf, textOf } from '../core/json.ts';
import type { ArmCall, ArmProvider, WireReply, World } from '../core/ports.ts';
import { parseId } from '../core/resource-id.ts';
import { ArmFault } from '../core/service.ts';
import { tagsOf, type Tags } from '../core/tags.ts';
import { WorkspaceData } from './workspace-data.ts';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly customerId: string;
  readonly location: string;
  readonly data: WorkspaceData;
  sku: string;
  retentionInDays: number;
  tags: Tags;
  isReady: boolean;
}

const NAMESPACE = 'Microsoft.OperationalInsights';
const TYPE = `${NAMESPACE}/workspaces`;
const VERSIONS = [
  '2020-08-01',
  '2020-10-01',
  '2021-06-01',
  '2022-10-01',
  '2023-09-01',
  '2025-02-01',
  '2025-07-01',
];
const CREATE_MS = 8000;
/** "Workspace names must be 4-63 letters, digits, and '-'." */
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/;
const SKUS = ['PerGB2018', 'CapacityReservation', 'Free', 'Standalone', 'PerNode', 'LACluster'];

export class Workspaces implements ArmProvider {
  readonly namespace = NAMESPACE;
  readonly #world: World;
  readonly #workspaces = new Map<string, Workspace>();
  /** For two weeks a deleted workspace comes back, with its data, when one of its name is made. */
  readonly #deleted = new Map<string, Workspace>();
  #made = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** One that is ready, by its ARM id. */
  ready(id: string): Workspace | undefined {
    const found = this.#workspaces.get(id.toLowerCase());
    return found?.isReady === true ? found : undefined;
  }

  byCustomerId(customerId: string): Workspace | undefined {
    return [...this.#workspaces.values()].find(
      (each) => each.isReady && each.customerId === customerId.toLowerCase(),
    );
  }

  handle(call: ArmCall): Promise<WireReply | undefined> {
    return Promise.resolve(this.#answer(call));
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    return this.#in(resourceGroup).map(({ id }) => id);
  }

  deleteGroup(resourceGroup: string): void {
    for (const each of this.#in(resourceGroup)) this.#delete(each, false);
  }

  tags(id: string): Tags | undefined {
    return this.#workspaces.get(id.toLowerCase())?.tags;
  }

  setTags(id: string, tags: Tags): void {
    const found = this.#workspaces.get(id.toLowerCase());
    if (found) found.tags = tags;
  }

  inventory(): readonly string[] {
    return [...this.#workspaces.values()].map(({ name }) => `logs workspace ${name}`);
  }

  #answer(call: ArmCall): WireReply | undefined {
    const { rest = [], resourceGroup } = parseId(call.path) ?? {};
    const [type, name, ...more] = rest;
    if (type?.toLowerCase() !== 'workspaces' || more.length > 0) return undefined;
    requireApiVersion(TYPE, call.apiVersion, VERSIONS);
    if (name === undefined) return this.#list(call, resourceGroup);
    if (resourceGroup === undefined) return undefined;
    const found = this.#workspaces.get(call.path.toLowerCase());
    if (call.method === 'PUT') return this.#put(call, name, resourceGroup, found);
    if (call.method === 'DELETE') return this.#remove(call, found);
    if (!found) throw notFound(name, resourceGroup);
    if (call.method === 'GET') return { status: 200, body: shown(found) };
    if (call.method !== 'PATCH') return undefined;
    this.#update(found, call.body);
    return { status: 200, body: shown(found) };
  }

  #list(call: ArmCall, resourceGroup: string | undefined): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    const all =
      resourceGroup === undefined ? [...this.#workspaces.values()] : this.#in(resourceGroup);
    return { status: 200, body: { value: all.map((each) => shown(each)) } };
  }

  #put(call: ArmCall, name: string, group: string, found: Workspace | undefined): WireReply {
    if (!NAME.test(name))
      throw new ArmFault(
        400,
        'InvalidResourceName',
        `The workspace name '${name}' is invalid: it must have 4 to 63 letters, digits and hyphens, and begin and end with a letter or digit.`,
      );
    const location = textOf(at(call.body, 'location')).toLowerCase().replaceAll(' ', '');
    if (location === '')
      throw new ArmFault(
        400,
        'LocationRequired',
        'The location property is required for this definition.',
      );
    if (found) {
      if (found.location !== location) throw elsewhere(found, location);
      this.#update(found, call.body);
      return { status: 200, body: shown(found) };
    }
    const workspace =
      this.#deleted.get(call.path.toLowerCase()) ?? this.#make(call.path, name, group, location);
    this.#update(workspace, call.body);
    this.#deleted.delete(call.path.toLowerCase());
    workspace.isReady = false;
    this.#workspaces.set(call.path.toLowerCase(), workspace);
    const headers = this.#world.operations.begin({
      durationMs: CREATE_MS,
      end: () => {
        workspace.isReady = true;
      },
      result: () => shown(workspace),
    });
    return { status: 201, headers, body: shown(workspace) };
  }

  #make(id: string, name: string, group: string, location: string): Workspace {
    this.#made += 1;
    return {
      id,
      name,
      group,
      customerId: guidOf(`workspace ${this.#world.subscriptionId} ${id} ${this.#made}`),
      location,
      data: new WorkspaceData(),
      sku: 'PerGB2018',
      retentionInDays: 30,
      tags: {},
      isReady: false,
    };
  }

  #update(workspace: Workspace, body: unknown): void {
    const properties = at(body, 'properties');
    const sku = at(properties, 'sku', 'name');
    if (sku !== undefined) {
      const known = SKUS.find((each) => each.toLowerCase() === textOf(sku).toLowerCase());
      if (known === undefined)
        throw invalid(`The SKU '${textOf(sku)}' is not one of ${SKUS.join(', ')}.`);
      workspace.sku = known;
    }
    const days = at(properties, 'retentionInDays');
    if (days !== undefined) {
      if (typeof days !== 'number' || !Number.isInteger(days) || days < 30 || days > 730)
        throw invalid(`'RetentionInDays' property doesn't match the SKU limits: 30 to 730.`);
      workspace.retentionInDays = days;
    }
    if ('tags' in mapOf(body)) workspace.tags = tagsOf(body);
  }

  #remove(call: ArmCall, found: Workspace | undefined): WireReply {
    if (!found) return { status: 204 };
    this.#delete(found, call.query.get('force') === 'true');
    return { status: 200 };
  }

  #delete(workspace: Workspace, isForced: boolean): void {
    this.#workspaces.delete(workspace.id.toLowerCase());
    workspace.isReady = false;
    if (!isForced) this.#deleted.set(workspace.id.toLowerCase(), workspace);
  }

  #in(resourceGroup: string): readonly Workspace[] {
    return [...this.#workspaces.values()].filter(
      ({ group }) => group.toLowerCase() === resourceGroup.toLowerCase(),
    );
  }
}

function shown(workspace: Workspace): object {
  const { id, name, location, tags, customerId, sku, retentionInDays, isReady } = workspace;
  return {
    id,
    name,
    type: TYPE,
    location,
    tags,
    properties: {
      customerId,
      provisioningState: isReady ? 'Succeeded' : 'Creating',
      sku: { name: sku },
      retentionInDays,
      features: { enableLogAccessUsingOnlyResourcePermissions: true },
      workspaceCapping: { dailyQuotaGb: -1 },
      publicNetworkAccessForIngestion: 'Enabled',
      publicNetworkAccessForQuery: 'Enabled',
    },
  };
}

function notFound(name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${TYPE}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function elsewhere({ name, location, group }: Workspace, wanted: string): ArmFault {
  return new ArmFault(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${location}' in resource group '${group}'. A resource with the same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  );
}

function invalid(message: string): ArmFault {
  return new ArmFault(400, 'InvalidParameter', message);
}
