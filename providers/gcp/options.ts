/** Settings that only Google Cloud knows: their types, and their normal form. */
import type { GoogleAuth } from 'google-auth-library';
import { checkSettings, type NormalFunctionSpec, settingsError } from 'polyfaas/spi';
import type { ApiName } from './clients/index.ts';
import type { Ingress } from './ingress.ts';
import { endpointsOf } from './options/endpoints.ts';
import { functionSchema, platformSchema } from './options/schema.ts';
import { cpuOf } from './options/sizes.ts';
import { regionOf, regionProblem } from './region.ts';
import { nativeRuntime } from './runtime.ts';

/** Settings of the project, under `providerOptions.gcp` of the configuration. */
export interface GcpOptions {
  /** Default: the variables GOOGLE_CLOUD_PROJECT and GCLOUD_PROJECT, else the project of the credentials. */
  readonly projectId?: string | undefined;
  /** Default: asked of Cloud Resource Manager. */
  readonly projectNumber?: string | undefined;
  /** Default: `new GoogleAuth()`: application default credentials. */
  readonly auth?: GoogleAuth | undefined;
  /** Base addresses of APIs, where they are not Google's own. `http:` only on this machine. */
  readonly endpoints?: Readonly<Partial<Record<ApiName | 'certificates', string>>> | undefined;
  /**
   * A service account that may call functions, and that the credentials may impersonate: for credentials that cannot
   * have ID tokens of their own, such as a user's.
   */
  readonly invokerServiceAccount?: string | undefined;
  /** Ids of functions, by function, where the derived one does not suit. At most 35 characters. */
  readonly functionIds?: Readonly<Record<string, string>> | undefined;
  /** The Firestore database of tables. Default `(default)`. */
  readonly firestoreDatabase?: string | undefined;
}

/** Settings of one function, under `providerOptions.gcp` of its declaration; of the configuration, for all. */
export interface GcpFunctionOptions {
  /** Who may send http events: `public` is anybody (then routes may still ask for a JWT); `private` asks for an ID token. Default `public`. */
  readonly httpAccess?: 'public' | 'private' | undefined;
  /**
   * From where the function can be reached. Default `ALLOW_ALL`. With another one `invoke` and `preWarm` need a caller inside
   * of the network; Pub/Sub, Cloud Scheduler and Eventarc of the same project are inside.
   */
  readonly ingress?: 'ALLOW_ALL' | 'ALLOW_INTERNAL_ONLY' | 'ALLOW_INTERNAL_AND_GCLB' | undefined;
  /** vCPUs of an instance. Default: what goes with its memory. */
  readonly cpu?: number | undefined;
  /** `nodejs22`, `nodejs24`. Default: by the spec's `runtime`. */
  readonly runtime?: string | undefined;
  /** The e-mail address of a service account that the function works as. Default: one is made. */
  readonly serviceAccount?: string | undefined;
  /** The e-mail address of the service account that Cloud Build builds as. Default: the project's. */
  readonly buildServiceAccount?: string | undefined;
  /** `projects/p/locations/l/connectors/c` */
  readonly vpcConnector?: string | undefined;
  /** Default `PRIVATE_RANGES_ONLY`. */
  readonly vpcEgress?: 'PRIVATE_RANGES_ONLY' | 'ALL_TRAFFIC' | undefined;
  /** `projects/p/locations/l/keyRings/r/cryptoKeys/k` */
  readonly kmsKey?: string | undefined;
  /** `projects/p/locations/l/repositories/r` */
  readonly dockerRepository?: string | undefined;
  /**
   * Names the key that signs direct calls. Another name makes a new key; the one before stays valid until the next
   * change. Default `k1`.
   */
  readonly invokeKeyId?: string | undefined;
}

declare module 'polyfaas/spi' {
  interface ProviderOptions {
    readonly gcp?: GcpOptions & GcpFunctionOptions;
  }
}

/** The project's settings with nothing left out. */
export interface PlatformSettings {
  readonly projectId: string | null;
  readonly projectNumber: string | null;
  /** Empty when nothing names one: that is told when it is first needed. */
  readonly location: string;
  readonly auth: GoogleAuth | null;
  /** With Google's own addresses filled in. */
  readonly endpoints: Readonly<Record<ApiName, string>>;
  readonly certificates: string;
  readonly invokerServiceAccount: string | null;
  readonly functionIds: Readonly<Record<string, string>>;
  readonly firestoreDatabase: string;
  /** Defaults for every function. */
  readonly defaults: GcpFunctionOptions;
}

/** One function's settings with nothing left out. JSON. */
export interface FunctionSettings {
  readonly httpAccess: 'public' | 'private';
  readonly ingress: Ingress;
  readonly cpu: number;
  readonly runtime: string;
  /** Null: one is made. */
  readonly serviceAccount: string | null;
  /** Null: the project's. */
  readonly buildServiceAccount: string | null;
  readonly vpcConnector: string | null;
  /** Null without a connector. */
  readonly vpcEgress: 'PRIVATE_RANGES_ONLY' | 'ALL_TRAFFIC' | null;
  readonly kmsKey: string | null;
  readonly dockerRepository: string | null;
  readonly invokeKeyId: string;
}

export const DEFAULT_KEY_ID = 'k1';
export const DEFAULT_HTTP_ACCESS = 'public';

/** @throws ServerlessError INVALID_ARGUMENT with every problem at once. */
export function platformSettings(
  given: unknown,
  region: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): PlatformSettings {
  const checked = checkSettings(platformSchema, given, ['providerOptions', 'gcp']);
  const location = regionOf(region, env);
  const wrongRegion = location === undefined ? undefined : regionProblem(location);
  const issues = [
    ...checked.issues,
    ...(wrongRegion === undefined ? [] : [{ path: 'region', message: wrongRegion }]),
  ];
  if (!checked.ok || issues.length > 0) throw settingsError('gcp', issues);
  const { projectId, projectNumber, auth, endpoints, invokerServiceAccount, ...rest } =
    checked.settings;
  const { functionIds, firestoreDatabase, ...defaults } = rest;
  return {
    projectId:
      projectId ?? (env['GOOGLE_CLOUD_PROJECT'] || undefined) ?? (env['GCLOUD_PROJECT'] || null),
    projectNumber: projectNumber ?? null,
    location: location ?? '',
    auth: auth ?? null,
    ...endpointsOf(endpoints ?? {}),
    invokerServiceAccount: invokerServiceAccount ?? null,
    functionIds: functionIds ?? {},
    firestoreDatabase: firestoreDatabase ?? '(default)',
    defaults: definedOnly(defaults),
  };
}

/** The settings of a function whose declaration was checked. */
export function functionSettings(
  spec: Pick<NormalFunctionSpec, 'providerOptions' | 'memoryMb' | 'concurrency' | 'runtime'>,
  platform: Pick<PlatformSettings, 'defaults'>,
): FunctionSettings {
  const options = givenOptions(spec, platform);
  const { memoryMb, concurrency } = spec;
  const vpcConnector = options.vpcConnector ?? null;
  return {
    httpAccess: options.httpAccess ?? DEFAULT_HTTP_ACCESS,
    ingress: options.ingress ?? 'ALLOW_ALL',
    cpu: cpuOf({ memoryMb, concurrency, cpu: options.cpu }).cpu,
    runtime: options.runtime ?? nativeRuntime(spec.runtime),
    serviceAccount: options.serviceAccount ?? null,
    buildServiceAccount: options.buildServiceAccount ?? null,
    vpcConnector,
    vpcEgress: vpcConnector === null ? null : (options.vpcEgress ?? 'PRIVATE_RANGES_ONLY'),
    kmsKey: options.kmsKey ?? null,
    dockerRepository: options.dockerRepository ?? null,
    invokeKeyId: options.invokeKeyId ?? DEFAULT_KEY_ID,
  };
}

/** What the function's declaration says, over what the configuration says for all. */
export function givenOptions(
  spec: Pick<NormalFunctionSpec, 'providerOptions'>,
  platform: Pick<PlatformSettings, 'defaults'>,
): GcpFunctionOptions {
  const parsed = functionSchema.safeParse(spec.providerOptions.gcp ?? {});
  return { ...platform.defaults, ...(parsed.success ? definedOnly(parsed.data) : {}) };
}

/** What is undefined is not said, so that a default shows through. */
function definedOnly(options: object): GcpFunctionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
