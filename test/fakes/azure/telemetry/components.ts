/** Application Insights: `Microsoft.Insights/components`. */
import { requireApiVersion } from '../core/api-versions.ts';
import { guidOf } from '../core/guid.ts';
import { at, mapOf, textOf } from '../core/json.ts';
import { pageOf } from '../core/pages.ts';
import type { ArmCall, ArmProvider, WireReply, World } from '../core/ports.ts';
import { parseId } from '../core/resource-id.ts';
import { ArmFault } from '../core/service.ts';
import { tagsOf, type Tags } from '../core/tags.ts';
import type { Workspaces } from './workspaces.ts';

export interface Component {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly location: string;
  readonly instrumentationKey: string;
  readonly appId: string;
  kind: string;
  applicationType: string;
  workspaceId: string;
  /** Takes nothing that comes without a token. */
  disableLocalAuth: boolean;
  tags: Tags;
}

const NAMESPACE = 'Microsoft.Insights';
const TYPE = `${NAMESPACE}/components`;
const VERSIONS = ['2020-02-02', '2020-02-02-preview'];
const NAME = /^[^<>%&\\?/]{1,260}$/;

export class Components implements ArmProvider {
  readonly namespace = NAMESPACE;
  readonly #world: World;
  readonly #workspaces: Workspaces;
  readonly #components = new Map<string, Component>();
  #made = 0;

  constructor(world: World, workspaces: Workspaces) {
    this.#world = world;
    this.#workspaces = workspaces;
  }

  byKey(instrumentationKey: string): Component | undefined {
    return [...this.#components.values()].find(
      (each) => each.instrumentationKey === instrumentationKey.toLowerCase(),
    );
  }

  handle(call: ArmCall): Promise<WireReply | undefined> {
    return Promise.resolve(this.#answer(call));
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    return this.#in(resourceGroup).map(({ id }) => id);
  }

  deleteGroup(resourceGroup: string): void {
    for (const { id } of this.#in(resourceGroup)) this.#components.delete(id.toLowerCase());
  }

  tags(id: string): Tags | undefined {
    return this.#components.get(id.toLowerCase())?.tags;
  }

  setTags(id: string, tags: Tags): void {
    const found = this.#components.get(id.toLowerCase());
    if (found) found.tags = tags;
  }

  inventory(): readonly string[] {
    return [...this.#components.values()].map(({ name }) => `insights component ${name}`);
  }

  #answer(call: ArmCall): WireReply | undefined {
    const { rest = [], resourceGroup } = parseId(call.path) ?? {};
    const [type, name, ...more] = rest;
    if (type?.toLowerCase() !== 'components' || more.length > 0) return undefined;
    requireApiVersion(TYPE, call.apiVersion, VERSIONS);
    if (name === undefined) {
      if (call.method !== 'GET') return undefined;
      const all =
        resourceGroup === undefined ? [...this.#components.values()] : this.#in(resourceGroup);
      const views = all.map((each) => this.#shown(each));
      return pageOf(this.#world.endpoint, call, views);
    }
    if (resourceGroup === undefined) return undefined;
    const found = this.#components.get(call.path.toLowerCase());
    if (call.method === 'PUT') return this.#put(call, name, resourceGroup, found);
    if (call.method === 'DELETE') {
      this.#components.delete(call.path.toLowerCase());
      return { status: found ? 200 : 204 };
    }
    if (!found) throw notFound(name, resourceGroup);
    if (call.method === 'GET') return { status: 200, body: this.#shown(found) };
    if (call.method !== 'PATCH') return undefined;
    found.tags = tagsOf(call.body);
    return { status: 200, body: this.#shown(found) };
  }

  #put(call: ArmCall, name: string, group: string, found: Component | undefined): WireReply {
    const { body } = call;
    const properties = at(body, 'properties');
    if (!NAME.test(name) || name.endsWith('.'))
      throw new ArmFault(
        400,
        'InvalidResourceName',
        `The name '${name}' of the component is invalid.`,
      );
    const location = textOf(at(body, 'location')).toLowerCase().replaceAll(' ', '');
    if (location === '')
      throw new ArmFault(
        400,
        'LocationRequired',
        'The location property is required for this definition.',
      );
    if (found && found.location !== location) throw elsewhere(found, location);
    const kind = textOf(at(body, 'kind'));
    if (kind === '') throw invalid("'kind' is required.");
    const applicationType = textOf(at(properties, 'Application_Type'));
    if (applicationType !== 'web' && applicationType !== 'other')
      throw invalid("'Application_Type' is required: 'web' or 'other'.");
    const wish = {
      kind,
      applicationType,
      workspaceId: this.#workspaceOf(textOf(at(properties, 'WorkspaceResourceId'))),
      disableLocalAuth: at(properties, 'DisableLocalAuth') === true,
      tags: 'tags' in mapOf(body) ? tagsOf(body) : {},
    };
    const component = Object.assign(found ?? this.#make(call.path, name, group, location), wish);
    this.#components.set(call.path.toLowerCase(), component);
    return { status: 200, body: this.#shown(component) };
  }

  #workspaceOf(id: string): string {
    if (id === '')
      throw invalid(
        'Classic Application Insights resources are retired: WorkspaceResourceId is required. See https://aka.ms/workspace-based-ai.',
      );
    const workspace = this.#workspaces.ready(id);
    if (workspace) return workspace.id;
    throw new ArmFault(
      400,
      'BadRequest',
      `The workspace '${id}' that WorkspaceResourceId names was not found, or is not provisioned yet.`,
    );
  }

  #make(id: string, name: string, group: string, location: string): Component {
    this.#made += 1;
    const seed = `component ${this.#world.subscriptionId} ${id} ${this.#made}`;
    return {
      id,
      name,
      group,
      location,
      instrumentationKey: guidOf(`${seed} key`),
      appId: guidOf(`${seed} app`),
      kind: '',
      applicationType: '',
      workspaceId: '',
      disableLocalAuth: false,
      tags: {},
    };
  }

  #shown(component: Component): object {
    const { id, name, kind, location, tags, appId, instrumentationKey } = component;
    const base = `${location}-1`;
    return {
      id,
      name,
      type: 'microsoft.insights/components',
      location,
      tags,
      kind,
      properties: {
        ApplicationId: name,
        AppId: appId,
        Application_Type: component.applicationType,
        Flow_Type: 'Bluefield',
        Request_Source: 'rest',
        InstrumentationKey: instrumentationKey,
        ConnectionString: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://${base}.in.applicationinsights.azure.com/;LiveEndpoint=https://${location}.livediagnostics.monitor.azure.com/;ApplicationId=${appId}`,
        Name: name,
        TenantId: this.#world.subscriptionId,
        provisioningState: 'Succeeded',
        RetentionInDays: 90,
        WorkspaceResourceId: component.workspaceId,
        IngestionMode: 'LogAnalytics',
        DisableLocalAuth: component.disableLocalAuth,
        publicNetworkAccessForIngestion: 'Enabled',
        publicNetworkAccessForQuery: 'Enabled',
        Ver: 'v2',
      },
    };
  }

  #in(resourceGroup: string): readonly Component[] {
    return [...this.#components.values()].filter(
      ({ group }) => group.toLowerCase() === resourceGroup.toLowerCase(),
    );
  }
}

function notFound(name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${TYPE}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function elsewhere({ name, location, group }: Component, wanted: string): ArmFault {
  return new ArmFault(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${location}' in resource group '${group}'. A resource with the same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  );
}

function invalid(message: string): ArmFault {
  return new ArmFault(400, 'BadRequest', message);
}
