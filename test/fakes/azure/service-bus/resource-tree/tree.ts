/** A resource provider whose types are told by rules: what they have in common is here. */
import { requireApiVersion } from '../../core/api-versions.ts';
import { at, mapOf, textOf, type JsonMap } from '../../core/json.ts';
import type { ArmCall, ArmProvider, WireReply, World } from '../../core/ports.ts';
import { parseId, sameId, type ResourceId } from '../../core/resource-id.ts';
import { tagsOf, type Tags } from '../../core/tags.ts';
import { locationRequired, otherLocation, parentNotFound } from './faults.ts';
import type { Resource, ResourceState, Timing, TypeRules, Wish } from './resource.ts';

interface Where {
  readonly name: string;
  readonly parent: Resource | undefined;
  readonly resourceGroup: string;
}

export class ResourceTree implements ArmProvider {
  readonly namespace: string;
  readonly #world: World;
  readonly #types: readonly TypeRules[];
  readonly #resources = new Map<string, Resource>();
  /** Names that others have, elsewhere in the world. */
  readonly #foreign = new Set<string>();

  constructor(world: World, namespace: string, types: readonly TypeRules[]) {
    this.#world = world;
    this.namespace = namespace;
    this.#types = types;
  }

  get all(): readonly Resource[] {
    return [...this.#resources.values()];
  }

  /** By its id, in any case of letters; also while it is being made. */
  find(id: string): Resource | undefined {
    return this.#resources.get(id.toLowerCase());
  }

  /** A top-level resource by its name, wherever it is, once it is made. */
  named(type: string, name: string): Resource | undefined {
    return this.all.find(
      (one) =>
        sameId(one.rules.type, type) && sameId(one.name, name) && this.stateOf(one) === 'ready',
    );
  }

  child(parent: Resource, kind: string, name: string): Resource | undefined {
    return this.find(`${parent.id}/${kind}/${name}`);
  }

  children(parent: Resource, kind: string): readonly Resource[] {
    const type = `${parent.rules.type}/${kind}`;
    return this.all.filter((one) => one.parent === parent && sameId(one.rules.type, type));
  }

  stateOf(resource: Resource): ResourceState {
    if (resource.deletion) return 'deleting';
    return resource.readyAt > this.#world.clock.now() ? 'making' : 'ready';
  }

  /** Lets a name be taken by somebody else. */
  plant(name: string): void {
    this.#foreign.add(name.toLowerCase());
  }

  isTaken(name: string): boolean {
    const taken = this.all.some((one) => one.parent === undefined && sameId(one.name, name));
    return taken || this.#foreign.has(name.toLowerCase());
  }

  /** Makes a child past the wire, at once: what the service adds by itself. */
  add(parent: Resource, kind: string, name: string, properties: JsonMap): Resource {
    const rules = this.#rulesOf(`${parent.rules.type}/${kind}`);
    if (!rules) throw new Error(`There is no type ${kind}`);
    const now = this.#world.clock.now();
    const resource: Resource = {
      id: `${parent.id}/${kind}/${name}`,
      name,
      rules,
      parent,
      resourceGroup: parent.resourceGroup,
      location: undefined,
      tags: {},
      top: {},
      properties,
      createdAt: now,
      updatedAt: now,
      readyAt: now,
      deletion: undefined,
    };
    this.#resources.set(resource.id.toLowerCase(), resource);
    rules.made?.(resource);
    return resource;
  }

  async handle(call: ArmCall): Promise<WireReply | undefined> {
    const id = parseId(call.path);
    if (!id) return undefined;
    return this.#ofOne(call, id) ?? this.#ofMany(call, id);
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    return this.#topIn(resourceGroup).map(({ id }) => id);
  }

  deleteGroup(resourceGroup: string): void {
    for (const resource of this.#topIn(resourceGroup)) this.remove(resource);
  }

  tags(id: string): Tags | undefined {
    const found = this.find(id);
    return found?.rules.isTracked ? found.tags : undefined;
  }

  setTags(id: string, tags: Tags): void {
    const found = this.find(id);
    if (found) found.tags = tags;
  }

  inventory(): readonly string[] {
    return this.all
      .filter((one) => this.stateOf(one) !== 'deleting')
      .map((one) => `${one.rules.label} ${pathOf(one)}`);
  }

  /** Takes a resource away with all that is in it. */
  remove(resource: Resource): void {
    for (const child of this.all.filter(({ parent }) => parent === resource)) this.remove(child);
    if (!this.#resources.delete(resource.id.toLowerCase())) return;
    resource.rules.removed?.(resource);
  }

  show(resource: Resource): JsonMap {
    const { id, name, rules, location, tags, top } = resource;
    const properties = rules.shown(resource, this.stateOf(resource));
    const tracked = rules.isTracked ? { location, tags } : {};
    return { id, name, type: rules.type, ...tracked, ...top, properties };
  }

  #topIn(resourceGroup: string): readonly Resource[] {
    return this.all.filter(
      (one) => one.parent === undefined && sameId(one.resourceGroup, resourceGroup),
    );
  }

  #rulesOf(type: string): TypeRules | undefined {
    return this.#types.find((rules) => sameId(rules.type, type));
  }

  #ofOne(call: ArmCall, id: ResourceId): Promise<WireReply | undefined> | undefined {
    const { rest, resourceGroup } = id;
    const isAction = call.method === 'POST' && rest.length % 2 === 1;
    const named = isAction ? rest.slice(0, -1) : rest;
    if (named.length === 0 || named.length % 2 === 1 || resourceGroup === undefined) {
      return undefined;
    }
    const kinds = named.filter((_, index) => index % 2 === 0).join('/');
    const rules = this.#rulesOf(`${this.namespace}/${kinds}`);
    if (!rules) return undefined;
    requireApiVersion(rules.type, call.apiVersion, rules.apiVersions);
    const name = named.at(-1) ?? '';
    const parent = named.length === 2 ? undefined : this.#parentOf(call, kinds, isAction);
    if (isAction) {
      const found = this.#visible(rules, call.path.slice(0, call.path.lastIndexOf('/')));
      if (!found) throw rules.notFound(name, resourceGroup);
      return Promise.resolve(rules.action?.(found, rest.at(-1)?.toLowerCase() ?? '', call));
    }
    return this.#act(call, rules, { name, parent, resourceGroup });
  }

  #parentOf(call: ArmCall, kinds: string, isAction: boolean): Resource {
    const cut = isAction ? -3 : -2;
    const parentId = call.path.split('/').slice(0, cut).join('/');
    const parent = this.find(parentId);
    if (!parent) throw parentNotFound(call.method, kinds, parentId);
    const isRead = call.method === 'GET' || call.method === 'HEAD';
    if (!isRead && this.stateOf(parent) !== 'ready') throw parent.rules.busy(parent);
    return parent;
  }

  #visible(rules: TypeRules, id: string): Resource | undefined {
    const found = this.find(id);
    const isHidden = found && rules.isHiddenWhileMade && this.stateOf(found) === 'making';
    return isHidden ? undefined : found;
  }

  async #act(call: ArmCall, rules: TypeRules, where: Where): Promise<WireReply | undefined> {
    const { name, resourceGroup } = where;
    if (call.method === 'PUT') return this.#put(call, rules, where);
    const found = this.#visible(rules, call.path);
    if (call.method === 'DELETE') return found ? this.#delete(found) : { status: 204 };
    if (!found) throw rules.notFound(name, resourceGroup);
    if (call.method === 'GET') return { status: 200, body: this.show(found) };
    if (call.method === 'PATCH' && rules.isTracked) return this.#patch(call, found);
    return undefined;
  }

  async #put(call: ArmCall, rules: TypeRules, where: Where): Promise<WireReply> {
    const { name, parent, resourceGroup } = where;
    const body = mapOf(call.body);
    const found = this.find(call.path);
    if (found && this.stateOf(found) !== 'ready') throw rules.busy(found);
    const location = rules.isTracked ? locationOf(body, found) : undefined;
    const tags = rules.isTracked ? tagsOf(body) : {};
    if (!found) rules.checkName(name);
    if (!found && rules.taken && parent === undefined && this.isTaken(name)) {
      throw rules.taken(name);
    }
    const properties = mapOf(body['properties']);
    const wish: Wish = { call, name, parent, found, body, properties };
    const wished = await rules.wish(wish);
    if (found) return this.#change(found, wished, tags);
    const { clock } = this.#world;
    const resource: Resource = {
      id: call.path,
      name,
      rules,
      parent,
      resourceGroup,
      location,
      tags,
      top: wished.top ?? {},
      properties: wished.properties,
      createdAt: clock.now(),
      updatedAt: clock.now(),
      readyAt: clock.now() + rules.creation.ms,
      deletion: undefined,
    };
    this.#resources.set(resource.id.toLowerCase(), resource);
    if (rules.creation.ms === 0) rules.made?.(resource);
    else clock.after(rules.creation.ms, () => this.#isHere(resource) && rules.made?.(resource));
    return this.#begun(rules.creation, resource, rules.createdStatus ?? 201);
  }

  #isHere(resource: Resource): boolean {
    return this.find(resource.id) === resource;
  }

  #change(
    found: Resource,
    wished: { readonly properties: JsonMap; readonly top?: JsonMap },
    tags: Tags,
  ): WireReply {
    found.properties = wished.properties;
    found.top = wished.top ?? {};
    if (found.rules.isTracked) found.tags = tags;
    found.updatedAt = this.#world.clock.now();
    found.rules.changed?.(found);
    // Changes of what is there take no time worth telling; they are answered as its creation is.
    return this.#begun({ ...found.rules.creation, ms: 0 }, found, 200);
  }

  async #patch(call: ArmCall, found: Resource): Promise<WireReply> {
    if (this.stateOf(found) !== 'ready') throw found.rules.busy(found);
    const body = mapOf(call.body);
    const tags = 'tags' in body ? tagsOf(body) : found.tags;
    const properties = { ...found.properties, ...mapOf(body['properties']) };
    const { name, parent, rules } = found;
    const merged = { ...found.top, ...body, properties };
    const wished = await rules.wish({ call, name, parent, found, body: merged, properties });
    return this.#change(found, wished, tags);
  }

  #delete(found: Resource): WireReply {
    const { deletion } = found.rules;
    if (deletion.ms === 0) {
      this.remove(found);
      return { status: 200 };
    }
    if (found.deletion) return { status: 202, headers: found.deletion };
    if (this.stateOf(found) === 'making') throw found.rules.busy(found);
    const headers = this.#world.operations.begin({
      durationMs: deletion.ms,
      end: () => {
        if (this.#isHere(found)) this.remove(found);
      },
    });
    found.deletion = deletion.reply === 'location' ? withoutStatus(headers) : headers;
    return { status: 202, headers: found.deletion };
  }

  #begun(timing: Timing, resource: Resource, status: number): WireReply {
    const body = this.show(resource);
    if (timing.reply === 'resource') return { status, body };
    if (timing.ms === 0 && timing.reply === 'operation') return { status, body };
    const headers = this.#world.operations.begin({
      durationMs: timing.ms,
      end: () => {},
      result: () => this.show(resource),
    });
    if (timing.reply === 'operation') return { status, headers, body };
    return {
      status: 202,
      headers: timing.reply === 'location' ? withoutStatus(headers) : headers,
      body: { status: 'Enqueued' },
    };
  }

  #ofMany(call: ArmCall, id: ResourceId): WireReply | undefined {
    const { rest } = id;
    if (rest.length % 2 === 0 || call.method !== 'GET') return undefined;
    const kinds = rest.filter((_, index) => index % 2 === 0).join('/');
    const rules = this.#rulesOf(`${this.namespace}/${kinds}`);
    if (!rules) return undefined;
    requireApiVersion(rules.type, call.apiVersion, rules.apiVersions);
    const group = id.resourceGroup;
    const parent = rest.length === 1 ? undefined : this.find(upTo(call.path));
    if (rest.length > 1 && !parent) throw parentNotFound('GET', kinds, upTo(call.path));
    const found = this.all.filter(
      (one) =>
        one.rules === rules &&
        one.parent === parent &&
        (group === undefined || sameId(one.resourceGroup, group)) &&
        !(rules.isHiddenWhileMade && this.stateOf(one) === 'making'),
    );
    return { status: 200, body: { value: found.map((one) => this.show(one)) } };
  }
}

function upTo(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** `namespace/topic/subscription` */
function pathOf(resource: Resource): string {
  return resource.parent ? `${pathOf(resource.parent)}/${resource.name}` : resource.name;
}

function locationOf(body: JsonMap, found: Resource | undefined): string {
  const sent = textOf(at(body, 'location')).toLowerCase().replaceAll(' ', '');
  if (sent === '') throw locationRequired();
  if (found?.location !== undefined && found.location !== sent) {
    throw otherLocation(found.name, found.location, sent);
  }
  return sent;
}

function withoutStatus(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'azure-asyncoperation'),
  );
}
