/** What the planners of all kinds share. */
import type { Binding, JsonObject, NormalEvent, Step } from 'polyfaas/spi';
import { bindingSetting, type TriggerMethod, type TriggerSpec } from '../manifest.ts';
import type { Target } from '../model.ts';
import type { MadeSource } from '../record.ts';
import { functionName } from './names.ts';
import { ROLE, type RoleNeed } from './roles.ts';
import { deadLetterOf, type SourceContext, type SourceRef } from './source.ts';

export interface PlanContext extends SourceContext {
  readonly target: Target;
}

/** A source that a binding uses: what it reads, or its dead-letter queue. JSON. */
export interface SourceUse {
  readonly source: SourceRef;
  /** The field of the binding that names it. */
  readonly field: string;
  readonly create: boolean;
  /** Of a queue that is read: how many deliveries it must allow. */
  readonly deliveries?: number;
}

/** A `SendTarget` whose address is not known yet. JSON. */
export interface TargetDraft {
  readonly service: 'storageQueue' | 'serviceBus';
  readonly hostId: string;
  readonly name: string;
}

/** A connection of triggers. JSON. */
export interface Connection {
  readonly name: string;
  readonly service: 'storage' | 'serviceBus' | 'eventHubs' | 'cosmos';
  readonly hostId: string;
}

/** All that one binding comes to. */
export interface BindingParts {
  readonly uses: readonly SourceUse[];
  readonly roles: readonly RoleNeed[];
  /** What is made for it alone. */
  readonly bound: readonly MadeSource[];
  /** Phase `prepare`, once the sources are there. */
  readonly prepare: readonly Step[];
  /** Phase `bind`. */
  readonly after: readonly Step[];
  /** Null while it is disabled, and for http. */
  readonly trigger: TriggerSpec | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly connections: readonly Connection[];
  readonly source: string;
  readonly deadLetter: TargetDraft | null;
  readonly again: TargetDraft | null;
}

export type EventOf<Kind extends NormalEvent['type']> = Extract<
  NormalEvent,
  { readonly type: Kind }
>;

export type Planner<Kind extends NormalEvent['type']> = (
  context: PlanContext,
  bindingId: string,
  event: EventOf<Kind>,
) => BindingParts;

export const NO_PARTS: Omit<BindingParts, 'source'> = {
  uses: [],
  roles: [],
  bound: [],
  prepare: [],
  after: [],
  trigger: null,
  settings: {},
  connections: [],
  deadLetter: null,
  again: null,
};

/** A queue that the function writes to. */
export function draftOf({ service, hostId, name }: SourceRef): TargetDraft {
  return { service: service === 'serviceBus' ? 'serviceBus' : 'storageQueue', hostId, name };
}

/** What writing to a queue takes. */
export function senderRole({ service, id }: SourceRef): RoleNeed {
  return {
    scope: id,
    roleId: service === 'serviceBus' ? ROLE.serviceBusSender : ROLE.queueContributor,
  };
}

/** What a dead-letter queue adds to a binding. */
export function deadLetterParts(
  context: PlanContext,
  event: Binding['event'],
): Pick<BindingParts, 'uses' | 'roles' | 'deadLetter'> {
  const source = deadLetterOf(context, event);
  if (source === undefined) return { uses: [], roles: [], deadLetter: null };
  const create = 'create' in event && event.create;
  return {
    uses: [{ source, field: 'deadLetter', create }],
    roles: [senderRole(source)],
    deadLetter: draftOf(source),
  };
}

/** The function of a binding in the package. */
export function triggerOf(
  bindingId: string,
  method: TriggerMethod,
  options: JsonObject,
): TriggerSpec {
  return { name: functionName(bindingId), method, bindingId, options };
}

/** A reference to a setting of the binding, as triggers resolve it. */
export function settingRef(bindingId: string, what: string): string {
  return `%${bindingSetting(bindingId, what)}%`;
}
