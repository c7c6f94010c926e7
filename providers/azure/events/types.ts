/** What the planners of deploys and the planners of event sources have in common. */
import type { Binding, FromRef, JsonObject, ProviderIdentity, Step, Warning } from 'polyfaas/spi';
import type { TriggerSpec } from '../manifest.ts';
import type { PlanKind, Target } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';
import type { RoleNeed } from './roles.ts';

/** What the bindings are to become, from what. */
export interface BindingWish {
  readonly target: Target;
  readonly identity: ProviderIdentity;
  readonly platform: PlatformSettings;
  readonly plan: PlanKind;
  /** What the app's tags say now. */
  readonly record: FunctionRecord;
  readonly bindings: readonly Binding[];
  /** What was made and is there no more, as far as that was looked at. */
  readonly lost?: readonly MadeSource[];
  readonly timeoutSeconds: number;
  /** Roles on the destinations of asynchronous invocations; undefined where they stay as the record notes them. */
  readonly destinations?: readonly RoleNeed[];
}

/** A value of an app setting: a text, or one that a step of `sources` puts out. */
export type SettingValue = string | FromRef;

/** What is to be done, in the order in which it is done, and what it comes to. */
export interface BindingPlan {
  /** Phase `prepare`: steps that write nothing, and refuse what cannot be bound. They belong before any other step. */
  readonly checks: readonly Step[];
  /**
   * Phase `prepare`: makes sources and dead-letter queues, and allows the identity to read and write them. They belong
   * after the steps that make the resource group, the storage account and the identity, and before the app settings.
   * Where `settings` hold addresses that only Azure tells, the last of them reads those, and is there whether or not
   * anything is to be done: `touched` tells that.
   */
  readonly sources: readonly Step[];
  /**
   * App settings that all bindings need (not only the touched ones): the policies, connections, names of sources,
   * schedules, and where streams begin (`AzureFunctionsJobHost__...`). Those that a package has for itself get its key
   * when they are written; whatever else is present of them goes, once nothing that may be served reads it.
   */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** What the bindings need of host.json, by extension. A change of it is a new package. */
  readonly host: Readonly<Record<string, JsonObject>>;
  /** The digest of all that the settings come to, also where their values are told by a step. Same wish, same digest. */
  readonly settingsDigest: string;
  /** The functions of all bindings that are enabled. A change of this list is a new package. */
  readonly triggers: readonly TriggerSpec[];
  /** Phase `bind`: after the package is served: event subscriptions. */
  readonly after: readonly Step[];
  /** Phase `retire`: takes away what the function no longer needs, once nothing reads it. */
  readonly retire: readonly Step[];
  /** The ids that the plan touches: bound, changed, or unbound. */
  readonly touched: readonly string[];
  /** All that was made so far, and all that the steps may make. */
  readonly made: readonly MadeSource[];
  /** The same once the steps of `retire` are done. */
  readonly kept: readonly MadeSource[];
  /** True when some http binding is enabled: then the function has an origin. */
  readonly hasHttp: boolean;
  readonly warnings: readonly Warning[];
}
