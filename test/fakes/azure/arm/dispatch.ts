/** Azure Resource Manager: checks what it checks of every call, and hands it to who answers it. */
import type {
  ArmCall,
  ArmProvider,
  Caller,
  FakeClock,
  OperationsPort,
  RolesPort,
  WireReply,
} from '../core/ports.ts';
import { guidOf, isGuid } from '../core/guid.ts';
import { isMap } from '../core/json.ts';
import { parseId, sameId, topLevelId, type ResourceId } from '../core/resource-id.ts';
import { ArmFault, type PlaneRequest } from '../core/service.ts';
import { tagsOf, type Tags } from '../core/tags.ts';
import { faultReply } from '../core/wire-forms.ts';
import { invalidNamespace, invalidType, methodNotAllowed, resourceNotFound } from './faults.ts';
import { ResourceGroups } from './groups.ts';
import { readCall } from './read-call.ts';
import { Registrations } from './registrations.ts';
import { listResources } from './resource-list.ts';
import { answerTags, type Tagged } from './tags-api.ts';

export interface ResourceManagerParts {
  readonly clock: FakeClock;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly operations: OperationsPort & {
    answer(rest: readonly string[], query: URLSearchParams): WireReply | undefined;
  };
  readonly roles: RolesPort;
  /** In the order in which a group's resources are deleted. Several may share a namespace. */
  providers(): readonly ArmProvider[];
  /** Answers `{resource}/providers/Microsoft.Insights/metrics`. */
  readonly metrics?: (call: ArmCall) => WireReply | undefined;
}

/** A call by the fake or a test itself, past the wire. */
export interface DirectCall {
  readonly method: string;
  /** With its query, other than the version. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: unknown;
  readonly caller: Caller;
}

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const RESOURCES = 'microsoft.resources';
const AUTHORIZATION = 'microsoft.authorization';

export class ResourceManager {
  readonly groups: ResourceGroups;
  readonly registrations: Registrations;
  readonly #parts: ResourceManagerParts;
  #subscriptionTags: Tags = {};

  constructor(parts: ResourceManagerParts) {
    this.#parts = parts;
    this.groups = new ResourceGroups(parts);
    this.registrations = new Registrations(parts.clock);
  }

  /** Answers a request on the wire. */
  async handle(request: PlaneRequest): Promise<WireReply> {
    const reply = await this.#answer(() => this.#dispatch(readCall(request)));
    const id = guidOf(`${request.url} ${this.#parts.clock.now()}`);
    const headers = { 'x-ms-request-id': id, 'x-ms-correlation-request-id': id, ...reply.headers };
    return { ...reply, headers };
  }

  /** Answers a call past the wire. */
  async call({ method, path, apiVersion, body, caller }: DirectCall): Promise<WireReply> {
    const url = `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
    const headers = { 'content-type': 'application/json' };
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    return this.handle({ method, url, headers, body: bytes, caller });
  }

  async #answer(act: () => Promise<WireReply>): Promise<WireReply> {
    try {
      return await act();
    } catch (error) {
      return faultReply('arm', error);
    }
  }

  async #dispatch(call: ArmCall): Promise<WireReply> {
    const id = parseId(call.path);
    if (!id) {
      throw new ArmFault(
        404,
        'MissingSubscription',
        'The request did not have a subscription or a valid tenant level resource provider.',
      );
    }
    if (id.subscription !== undefined) this.#checkSubscription(id.subscription);
    this.#authorize(call);
    const isDone = id.namespace === undefined ? undefined : this.#checkNamespace(call, id);
    if (isDone) return isDone;
    const [first = ''] = id.rest;
    if (id.namespace !== undefined) return this.#provide(call, id, id.namespace);
    if (id.resourceGroup !== undefined && id.rest.length === 0) {
      return this.groups.handle(call, id.resourceGroup);
    }
    if (id.rest.length === 1 && first.toLowerCase() === 'resources') {
      const groups =
        id.resourceGroup === undefined
          ? this.groups.all
          : [this.groups.require(id.resourceGroup, false)];
      return listResources(call, groups, this.#parts.providers());
    }
    if (id.rest.length === 1 && first.toLowerCase() === 'resourcegroups') {
      return this.groups.list(call);
    }
    if (id.rest.length === 0 && call.method === 'GET') return this.#subscription(id);
    throw methodNotAllowed(call.method, call.path);
  }

  /** What the namespace has to do with besides a provider; undefined when nothing stands in the way of it. */
  #checkNamespace(call: ArmCall, id: ResourceId): WireReply | undefined {
    const namespace = id.namespace ?? '';
    const isChange = call.method !== 'GET' && call.method !== 'HEAD';
    const isOfSubscription = id.subscription !== undefined && id.resourceGroup === undefined;
    const isOfAuthorization = namespace.toLowerCase() === AUTHORIZATION;
    // An orphaned assignment can be read and deleted after all that it was at has gone.
    const isFree = isOfAuthorization && (!isChange || call.method === 'DELETE');
    if (id.resourceGroup !== undefined && !isFree) {
      // What is in a group that is about to go may go before.
      this.groups.require(id.resourceGroup, isChange && call.method !== 'DELETE');
    }
    if (!isFree) this.#checkParent(id);
    if (namespace.toLowerCase() === RESOURCES) return this.#ofResources(call, id);
    const isRegistration = isOfSubscription && isRegistrationOf(id);
    if (this.#of(namespace).length === 0 && !isMetrics(id)) throw invalidNamespace(namespace);
    if (isRegistration) return this.registrations.handle(call, namespace, id.rest[0]);
    if (isChange) this.registrations.require(namespace);
    if (isChange && isMap(call.body)) tagsOf(call.body);
    return undefined;
  }

  async #provide(call: ArmCall, id: ResourceId, namespace: string): Promise<WireReply> {
    const metrics = isMetrics(id) ? this.#parts.metrics?.(call) : undefined;
    if (metrics) return metrics;
    for (const provider of this.#of(namespace)) {
      const reply = await provider.handle(call);
      if (reply) return reply;
    }
    const type = id.rest.filter((_, index) => index % 2 === 0).join('/');
    throw invalidType(type, namespace, call.apiVersion);
  }

  /** `Microsoft.Resources` at any scope: operations and tags. */
  #ofResources(call: ArmCall, id: ResourceId): WireReply {
    const { rest, scope } = id;
    const operation = call.method === 'GET' && this.#parts.operations.answer(rest, call.query);
    if (operation) return operation;
    const [type = '', name = ''] = rest.map((segment) => segment.toLowerCase());
    if (rest.length === 2 && type === 'tags' && name === 'default') {
      return answerTags(call, scope, this.#tagged(id));
    }
    throw invalidType(type, 'Microsoft.Resources', call.apiVersion);
  }

  #tagged({ scope, resourceGroup }: ResourceId): Tagged {
    const resource = parseId(scope);
    const provider = this.#holderOf(scope);
    if (resource?.namespace !== undefined && provider) {
      return {
        read: () => provider.tags(scope) ?? {},
        write: (tags) => provider.setTags(scope, tags),
      };
    }
    if (resourceGroup !== undefined) {
      const group = this.groups.require(resourceGroup, false);
      return { read: () => group.tags, write: (tags) => void (group.tags = tags) };
    }
    return {
      read: () => this.#subscriptionTags,
      write: (tags) => void (this.#subscriptionTags = tags),
    };
  }

  /** An extension resource needs what it is attached to. */
  #checkParent({ scope }: ResourceId): void {
    const top = topLevelId(scope);
    const parsed = top === undefined ? undefined : parseId(top);
    if (top === undefined || !parsed || this.#holderOf(top)) return;
    const [type = '', name = ''] = parsed.rest;
    throw resourceNotFound(`${parsed.namespace}/${type}`, name, parsed.resourceGroup ?? '');
  }

  /** The provider that has a top-level resource. */
  #holderOf(id: string): ArmProvider | undefined {
    const namespace = parseId(id)?.namespace;
    return namespace === undefined
      ? undefined
      : this.#of(namespace).find((provider) => provider.tags(id) !== undefined);
  }

  #of(namespace: string): readonly ArmProvider[] {
    return this.#parts.providers().filter((one) => sameId(one.namespace, namespace));
  }

  #checkSubscription(subscription: string): void {
    if (sameId(subscription, this.#parts.subscriptionId)) return;
    throw isGuid(subscription)
      ? new ArmFault(
          404,
          'SubscriptionNotFound',
          `The subscription '${subscription}' could not be found.`,
        )
      : new ArmFault(
          400,
          'InvalidSubscriptionId',
          `The provided subscription identifier '${subscription}' is malformed or invalid.`,
        );
  }

  /** Managed identities may do here what their roles let them. */
  #authorize({ caller, method, path }: ArmCall): void {
    const roles = method === 'GET' || method === 'HEAD' ? [READER] : [];
    if (this.#parts.roles.allows(caller, path, [OWNER, CONTRIBUTOR, ...roles])) return;
    throw new ArmFault(
      403,
      'AuthorizationFailed',
      `The client '${caller.principalId}' with object id '${caller.principalId}' does not have authorization to perform action '${method}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }

  #subscription({ subscription }: ResourceId): WireReply {
    const { subscriptionId, tenantId } = this.#parts;
    const shown = {
      id: `/subscriptions/${subscriptionId}`,
      subscriptionId,
      tenantId,
      displayName: 'Fake',
      state: 'Enabled',
    };
    return { status: 200, body: subscription === undefined ? { value: [shown] } : shown };
  }
}

/** `/subscriptions/S/providers/NS`, or with `/register` behind it. */
function isRegistrationOf({ rest }: ResourceId): boolean {
  return rest.length === 0 || (rest.length === 1 && rest[0]?.toLowerCase() === 'register');
}

/** `{resource}/providers/Microsoft.Insights/metrics` */
function isMetrics({ namespace, rest, scope }: ResourceId): boolean {
  const path = [namespace, ...rest].join('/').toLowerCase();
  return path === 'microsoft.insights/metrics' && topLevelId(scope) !== undefined;
}
