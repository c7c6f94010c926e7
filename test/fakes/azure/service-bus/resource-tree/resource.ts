/** Resources of one provider, and the rules that each of its types follows. */
import type { JsonMap } from '../../core/json.ts';
import type { ArmCall, WireReply } from '../../core/ports.ts';
import type { ArmFault } from '../../core/service.ts';
import type { Tags } from '../../core/tags.ts';

/** `making` and `deleting` take a while on the clock. */
export type ResourceState = 'making' | 'ready' | 'deleting';

export interface Resource {
  /** As the request that made it wrote it. */
  readonly id: string;
  readonly name: string;
  readonly rules: TypeRules;
  /** Undefined for a top-level resource. */
  readonly parent: Resource | undefined;
  readonly resourceGroup: string;
  /** Undefined for types without one. */
  readonly location: string | undefined;
  tags: Tags;
  /** What stands beside `properties`: `sku`, `kind`, `identity`. */
  top: JsonMap;
  /** In their normal form, defaults filled in. */
  properties: JsonMap;
  readonly createdAt: number;
  updatedAt: number;
  readyAt: number;
  /** Where its deletion, once it has begun, can be followed. */
  deletion: Readonly<Record<string, string>> | undefined;
}

/** What a request wants a resource to be. */
export interface Wish {
  readonly call: ArmCall;
  readonly name: string;
  readonly parent: Resource | undefined;
  /** What is there already. */
  readonly found: Resource | undefined;
  readonly body: JsonMap;
  /** Its `properties`. */
  readonly properties: JsonMap;
}

/** What a resource becomes. */
export interface Wished {
  readonly properties: JsonMap;
  readonly top?: JsonMap;
}

/** How long something takes, and how the request that begins it is answered meanwhile. */
export interface Timing {
  readonly ms: number;
  /**
   * `resource`: with the resource, whose state tells. `operation`: with the resource, and the headers of an operation.
   * `accepted`: 202 and the headers, without the resource. `location`: the same, with a location only.
   */
  readonly reply: 'resource' | 'operation' | 'accepted' | 'location';
}

export const AT_ONCE: Timing = { ms: 0, reply: 'resource' };

/** What holds for all resources of a type. */
export interface TypeRules {
  /** `Microsoft.ServiceBus/namespaces/queues` */
  readonly type: string;
  /** For the inventory: `service bus queue`. */
  readonly label: string;
  readonly apiVersions: readonly string[];
  /** It has a location and tags. */
  readonly isTracked: boolean;
  /** The status of a PUT that made it. Default 201. */
  readonly createdStatus?: number;
  readonly creation: Timing;
  readonly deletion: Timing;
  /** It can only be seen once it is made. */
  readonly isHiddenWhileMade?: boolean;
  /** Throws for a name that is not allowed. */
  checkName(name: string): void;
  /** Throws when what is wished is refused. */
  wish(wish: Wish): Wished | Promise<Wished>;
  /** `properties` as they are shown. */
  shown(resource: Resource, state: ResourceState): JsonMap;
  /** Answers for a name that somebody else has; only where names are unique in the world. */
  readonly taken?: (name: string) => ArmFault;
  /** Answers while it is being made, changed or deleted. */
  busy(resource: Resource): ArmFault;
  notFound(name: string, resourceGroup: string): ArmFault;
  readonly made?: (resource: Resource) => void;
  readonly changed?: (resource: Resource) => void;
  readonly removed?: (resource: Resource) => void;
  /** `POST {id}/listKeys`; undefined when there is no such action. */
  readonly action?: (resource: Resource, name: string, call: ArmCall) => WireReply | undefined;
}
