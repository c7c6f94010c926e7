/** What the parts of the Azure adapter share: what is observed, what a step is about, and how one is done. */
import type {
  CallContext,
  FromRef,
  FunctionRef,
  ObservedFunction,
  Step,
  StepResult,
} from 'polyfaas/spi';
import type { AzureClients } from './clients/index.ts';
import type { FunctionRecord, MadeSource, VersionNote } from './record.ts';

/** The hosting plans that are known. */
export type PlanKind = 'flex' | 'consumption' | 'premium';

/** What the adapter reads of one function app. JSON. */
export interface AzureObserved extends ObservedFunction {
  /** The name of the function app. */
  readonly physicalName: string;
  /** `/subscriptions/.../resourceGroups/.../providers/Microsoft.Web/sites/NAME` */
  readonly siteId: string;
  /** A function app of that name belongs to somebody else. */
  readonly isStranger: boolean;
  /** It carries the tags of some function of ours. */
  readonly isOwned: boolean;
  /** The name of a function app that is this function's, where the one of the expected name is not; else null. */
  readonly elsewhere: string | null;
  /** Null when there is no function app. */
  readonly site: {
    readonly plan: PlanKind;
    readonly location: string;
    /** Somebody stopped it: it answers nobody, and nothing starts in it. */
    readonly isStopped: boolean;
    readonly httpsOnly: boolean;
    readonly hostName: string;
    readonly scmHostName: string | null;
    /** Null where the plan has no such choice. */
    readonly memoryMb: number | null;
    readonly maxInstances: number | null;
    readonly alwaysReady: Readonly<Record<string, number>>;
    readonly concurrency: number | null;
    readonly runtimeVersion: string | null;
    readonly serverFarmId: string;
    readonly tags: Readonly<Record<string, string>>;
  } | null;
  /** The identity that the function works with; null before it is made. */
  readonly identity: {
    readonly id: string;
    readonly principalId: string;
    readonly clientId: string;
  } | null;
  /** All versions that are kept, oldest first, when they were read; else empty. */
  readonly versions: readonly VersionNote[];
  /** Names (never values) and digests of app settings, when everything was read; else null. */
  readonly actualSettings: Readonly<Record<string, string>> | null;
  /** `scope#role` of the identity, in lower case, when everything was read; else null. */
  readonly actualRoles: readonly string[] | null;
  /** What was made for events and is there no more, when everything was read; else empty. */
  readonly lost: readonly MadeSource[];
  /**
   * What it stands on and is there no more, when everything was read; else empty. The container of packages is missing
   * also where the whole storage account is.
   */
  readonly missing: readonly ('packages' | 'asyncQueue')[];
  /** Ids of the telemetry that is there, in lower case, when everything was read; else null. */
  readonly telemetry: readonly string[] | null;
  /** The subnet that it is in; null for none. */
  readonly subnetId: string | null;
  /** The name of the storage account, where it is the user's; null for the function's own. */
  readonly givenStorage: string | null;
  /** What is left of a function that is gone, where that was asked for; else empty. */
  readonly leftovers: readonly ('plan' | 'identity' | 'storage' | 'shared' | 'group')[];
  readonly record: FunctionRecord;
}

/** Where things of one function are, as planners know it before anything is there. */
export interface Target {
  readonly ref: FunctionRef;
  readonly physicalName: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** `/subscriptions/.../sites/NAME` */
  readonly siteId: string;
  /** The function app's own storage account: its name. */
  readonly storageAccount: string;
  /** The identity that the function works with, as a step's output where it is not known yet. */
  readonly identityId: string;
  readonly principalId: string | FromRef;
  readonly clientId: string | FromRef;
}

/** Does one step. */
export type Executor = (azure: AzureClients, step: Step, call: CallContext) => Promise<StepResult>;
