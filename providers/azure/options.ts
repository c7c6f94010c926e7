/** Settings that only Azure knows: their types, and their normal form. */
import type { TokenCredential } from '@azure/identity';
import { checkSettings, type NormalFunctionSpec, settingsError } from 'polyfaas/spi';
import type { ClientSettings } from './clients/create.ts';
import type { CloudName } from './clients/clouds.ts';
import type { PlanKind } from './model.ts';
import { functionSchema, platformSchema } from './options/schema.ts';
import { regionOf, regionProblem } from './region.ts';

/** Settings of the subscription, under `providerOptions.azure` of the configuration. */
export interface AzureOptions {
  /** Default: the variable AZURE_SUBSCRIPTION_ID. */
  readonly subscriptionId?: string;
  /** Where all resources are made; it is made itself when it is not there. Default `polyfaas-<app>-<stage>`. */
  readonly resourceGroup?: string;
  /** Anything with `getToken`. Default: `DefaultAzureCredential` of `@azure/identity`. */
  readonly credential?: TokenCredential;
  /** Where Resource Manager answers: a sovereign cloud's, or a local one. `http:` only on this machine. */
  readonly endpoint?: string;
  /** Where Log Analytics answers. Default: the cloud's; with an `endpoint` of your own, name it for `metrics` and `logs`. */
  readonly logsEndpoint?: string;
  /** Decides the endpoint and what tokens are asked for. Default `public`. */
  readonly cloud?: 'public' | 'usgov' | 'china';
  /** Names of function apps, by function, where the derived one does not suit. Globally unique, at most 32 characters. */
  readonly siteNames?: Readonly<Record<string, string>>;
  /** What `queue` events are on. Default `storage`. */
  readonly queues?: 'storage' | 'servicebus';
  /** The storage account where plain names of queues and buckets are: its name, or its resource id. Default: a shared one is made. */
  readonly storageAccountForEvents?: string;
  /** The Service Bus namespace of topics, and of queues with `queues: 'servicebus'`: name or resource id. Default: a shared one is made. */
  readonly serviceBusNamespace?: string;
  /** The Event Hubs namespace of streams: name or resource id. Default: a shared one is made. */
  readonly eventHubsNamespace?: string;
  /** The Cosmos DB account of tables: name or resource id. Default: a shared one is made. */
  readonly cosmosAccount?: string;
  /** The database in it. Default `polyfaas`. */
  readonly cosmosDatabase?: string;
  /** Event Grid topics of buses, by the bus's plain name: name or resource id. Default: one is made for each. */
  readonly eventGridTopics?: Readonly<Record<string, string>>;
}

/** Settings of one function, under `providerOptions.azure` of its declaration; of the configuration, for all. */
export interface AzureFunctionOptions {
  /** Default `flex` (Flex Consumption). `consumption` is the older Linux plan, `premium` Elastic Premium. */
  readonly plan?: PlanKind;
  /** With `plan: 'premium'`. Default `EP1`. */
  readonly planSku?: 'EP1' | 'EP2' | 'EP3';
  /** The resource id of a user-assigned identity that the function works with. Default: one is made. */
  readonly identity?: string;
  /**
   * The storage account that the Functions host works with, of this function alone: its name in the resource group.
   * Default: one is made.
   */
  readonly storageAccount?: string;
  /** The vault of `secret()`: its name, its URI, or its resource id. Needed once a secret is used. */
  readonly keyVault?: string;
  /**
   * Where logs and metrics come from. Default true: a workspace and a component are made, shared by the functions of the
   * app and stage. False: none; then metrics are counts only, and there are no logs.
   */
  readonly applicationInsights?:
    | boolean
    | {
        /** Of a component that is there. Needs `workspaceId` too, to read what it gathered. */
        readonly connectionString?: string;
        /** The resource id of the Log Analytics workspace that holds the data. */
        readonly workspaceId?: string;
      };
  /** How instances are replaced. Default `recreate`; `rolling` is a preview of Azure's. Flex Consumption only. */
  readonly siteUpdateStrategy?: 'recreate' | 'rolling';
  /**
   * Names the key that signs direct calls. Another name makes a new key; the one before stays valid until the next
   * change. Default `k1`.
   */
  readonly invokeKeyId?: string;
  /** The resource id of a subnet that the function reaches the network through. Not on the `consumption` plan. */
  readonly vnetSubnetId?: string;
  /** Spreads instances over the zones of the region. Default false. Not on the `consumption` plan. */
  readonly zoneRedundant?: boolean;
  /** Further app settings, as they are. They belong to no version. */
  readonly appSettings?: Readonly<Record<string, string>>;
  /** With `plan: 'premium'`. */
  readonly premium?: {
    /** Instances that always run: 1 to 20. Default: `minInstances`, at least 1. */
    readonly minimumInstances?: number;
    /** Instances that are ready ahead of the load: 0 to 20. Default 1. */
    readonly preWarmedInstances?: number;
  };
}

declare module 'polyfaas/spi' {
  interface ProviderOptions {
    readonly azure?: AzureOptions & AzureFunctionOptions;
  }
}

/** The subscription's settings with nothing left out. */
export interface PlatformSettings {
  readonly clients: ClientSettings;
  /** Null: `polyfaas-<app>-<stage>`. */
  readonly resourceGroup: string | null;
  readonly siteNames: Readonly<Record<string, string>>;
  readonly cloud: CloudName;
  readonly queues: 'storage' | 'servicebus';
  /** A name or a resource id; null: the shared one of the app and stage. So are those below. */
  readonly storageAccountForEvents: string | null;
  readonly serviceBusNamespace: string | null;
  readonly eventHubsNamespace: string | null;
  readonly cosmosAccount: string | null;
  readonly cosmosDatabase: string;
  /** By the plain name of the bus. */
  readonly eventGridTopics: Readonly<Record<string, string>>;
  /** Defaults for every function. */
  readonly defaults: AzureFunctionOptions;
}

/** Where telemetry goes. JSON. */
export type InsightsSettings =
  | { readonly kind: 'none' }
  /** A workspace and a component of ours, shared in the app and stage. */
  | { readonly kind: 'shared' }
  /** A component of ours over a workspace of the user's. */
  | { readonly kind: 'workspace'; readonly workspaceId: string }
  /** All the user's. */
  | {
      readonly kind: 'given';
      readonly connectionString: string;
      readonly workspaceId: string | null;
    };

/** One function's settings with nothing left out. JSON. */
export interface FunctionSettings {
  readonly plan: PlanKind;
  readonly planSku: string;
  readonly identity: string | null;
  readonly storageAccount: string | null;
  readonly keyVault: string | null;
  readonly insights: InsightsSettings;
  readonly updateStrategy: 'Recreate' | 'RollingUpdate';
  readonly invokeKeyId: string;
  readonly vnetSubnetId: string | null;
  readonly zoneRedundant: boolean;
  readonly appSettings: Readonly<Record<string, string>>;
  /** Null where the plan has no such choice. */
  readonly premium: { readonly minimum: number; readonly preWarmed: number } | null;
}

/** @throws ServerlessError INVALID_ARGUMENT with every problem at once. */
export function platformSettings(
  given: unknown,
  region: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): PlatformSettings {
  const checked = checkSettings(platformSchema, given, ['providerOptions', 'azure']);
  const wrongRegion = regionProblem(region, env);
  const issues = [...checked.issues, ...(wrongRegion === undefined ? [] : [wrongRegion])];
  if (!checked.ok || issues.length > 0) throw settingsError('azure', issues);
  const { subscriptionId, resourceGroup, credential, endpoint, logsEndpoint, cloud, ...rest } =
    checked.settings;
  const {
    siteNames,
    queues,
    storageAccountForEvents,
    serviceBusNamespace,
    eventHubsNamespace,
    cosmosAccount,
    cosmosDatabase,
    eventGridTopics,
    ...defaults
  } = rest;
  return {
    clients: {
      subscriptionId: subscriptionId ?? (env['AZURE_SUBSCRIPTION_ID'] || undefined),
      location: regionOf(region, env),
      endpoint,
      logsEndpoint,
      cloud: cloud ?? 'public',
      credential,
    },
    resourceGroup: resourceGroup ?? null,
    siteNames: siteNames ?? {},
    cloud: cloud ?? 'public',
    queues: queues ?? 'storage',
    storageAccountForEvents: storageAccountForEvents ?? null,
    serviceBusNamespace: serviceBusNamespace ?? null,
    eventHubsNamespace: eventHubsNamespace ?? null,
    cosmosAccount: cosmosAccount ?? null,
    cosmosDatabase: cosmosDatabase ?? 'polyfaas',
    eventGridTopics: eventGridTopics ?? {},
    defaults: definedOnly(defaults),
  };
}

/** The settings of a function whose declaration was checked. */
export function functionSettings(
  spec: Pick<NormalFunctionSpec, 'providerOptions' | 'minInstances'>,
  platform: Pick<PlatformSettings, 'defaults'>,
): FunctionSettings {
  const parsed = functionSchema.safeParse(spec.providerOptions.azure ?? {});
  const own = parsed.success ? definedOnly(parsed.data) : {};
  const options: AzureFunctionOptions = { ...platform.defaults, ...own };
  const plan = options.plan ?? 'flex';
  return {
    plan,
    planSku: SKU[plan] ?? options.planSku ?? 'EP1',
    identity: options.identity ?? null,
    storageAccount: options.storageAccount ?? null,
    keyVault: options.keyVault ?? null,
    insights: insightsOf(options.applicationInsights),
    updateStrategy: options.siteUpdateStrategy === 'rolling' ? 'RollingUpdate' : 'Recreate',
    invokeKeyId: options.invokeKeyId ?? 'k1',
    vnetSubnetId: options.vnetSubnetId ?? null,
    zoneRedundant: options.zoneRedundant ?? false,
    appSettings: options.appSettings ?? {},
    premium:
      plan === 'premium'
        ? {
            minimum: options.premium?.minimumInstances ?? Math.max(1, spec.minInstances),
            preWarmed: options.premium?.preWarmedInstances ?? 1,
          }
        : null,
  };
}

/** Plans that come in one size. */
const SKU: Readonly<Record<PlanKind, string | undefined>> = {
  flex: 'FC1',
  consumption: 'Y1',
  premium: undefined,
};

function insightsOf(given: AzureFunctionOptions['applicationInsights']): InsightsSettings {
  if (given === false) return { kind: 'none' };
  if (given === undefined || given === true) return { kind: 'shared' };
  const { connectionString, workspaceId } = given;
  if (connectionString !== undefined) {
    return { kind: 'given', connectionString, workspaceId: workspaceId ?? null };
  }
  return workspaceId === undefined ? { kind: 'shared' } : { kind: 'workspace', workspaceId };
}

/** What is undefined is not said, so that a default shows through. */
function definedOnly(options: object): AzureFunctionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
