/** Settings that only AWS knows: their types, and their normal form. */
import { checkSettings, type NormalFunctionSpec, settingsError } from 'polyfaas/spi';
import type { ClientSettings } from './clients/index.ts';
import { functionSchema, platformSchema } from './options/schema.ts';
import { regionOf, regionProblem } from './region.ts';

/** Settings of the account, under `providerOptions.aws` of the configuration. */
export interface AwsOptions {
  /** Where all services answer, for emulators. Default: AWS's own endpoints. */
  readonly endpoint?: string;
  /** Default: the SDK's own chain (environment, SSO, shared files, container, instance). */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** A profile of the shared configuration files. Cannot be combined with `credentials`. */
  readonly profile?: string;
  /** A role to take on before anything else. */
  readonly assumeRole?: {
    readonly roleArn: string;
    readonly externalId?: string;
    /** Default `polyfaas`. */
    readonly sessionName?: string;
    /** 900 to 43,200. Default: AWS's own, 3,600. */
    readonly durationSeconds?: number;
  };
  /** A bucket of the same region, for zips over 50 MB on their way to Lambda. */
  readonly artifactBucket?: string;
  /** A managed policy that bounds every role that is made. */
  readonly permissionsBoundaryArn?: string;
  /** Sockets of one client, so calls at once: 1 to 10,000. Default 256. */
  readonly maxSockets?: number;
  readonly invoke?: {
    /**
     * The share of synchronous calls that ask for the end of their log, which tells the time to start and the memory
     * used: 0 to 1. Default 0, for the log's end makes a reply up to 4 KB longer.
     */
    readonly logTailSampleRate?: number;
  };
}

/** Settings of one function, under `providerOptions.aws` of its declaration; of the configuration, for all. */
export interface AwsFunctionOptions {
  /** The function's role. Default: one is made, with exactly what the function and its events need. */
  readonly roleArn?: string;
  /** Further statements for the role that is made. */
  readonly policyStatements?: readonly {
    /** Such as `dynamodb:GetItem`; `*` alone is refused. */
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
  /** ARNs of layer versions, at most 5. */
  readonly layers?: readonly string[];
  readonly vpc?: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  /** Size of `/tmp`: 512 to 10,240. Default 512. */
  readonly ephemeralStorageMb?: number;
  /** The key that encrypts the environment. Default: Lambda's own. */
  readonly kmsKeyArn?: string;
  /** The key that encrypts the zip. Default: Lambda's own. */
  readonly sourceKmsKeyArn?: string;
  /** X-Ray: `active` samples calls itself, `pass-through` follows the caller. Default: `active` when `tracing` is declared. */
  readonly tracing?: 'active' | 'pass-through';
  /** Default `text`. */
  readonly logFormat?: 'text' | 'json';
  /** Days, as CloudWatch Logs has them: 1, 3, 5, 7, 14, 30, 60, 90, ... Default 30. */
  readonly logRetentionDays?: number;
  /** Concurrency that is set aside, and the most there can be: 0 stops the function. The same as `maxInstances`. */
  readonly reservedConcurrency?: number;
  readonly provisionedConcurrency?: {
    /** Default: `minInstances`. */
    readonly min?: number;
    /** More than `min`: scales between them. Default `min`. */
    readonly max?: number;
    /** The share in use that scaling aims at: 0.1 to 0.9. Default 0.7. */
    readonly targetUtilization?: number;
    readonly schedules?: readonly AwsCapacitySchedule[];
  };
  /** The share of traffic that a new version gets at first: 0 to 1. Without it, a deploy moves all. */
  readonly canary?: { readonly weight: number };
  /**
   * Pings that keep instances from being reclaimed. AWS promises nothing: for a promise, declare `minInstances`.
   */
  readonly keepWarm?: {
    /** 1 to 60. Default 5. */
    readonly everyMinutes?: number;
    /** 1 to 20. Default 1. */
    readonly instances?: number;
  };
  /** For zips that are ready and other languages, such as `app.handler`. Default `index.handler`. */
  readonly handler?: string;
  /** What of the image's own settings is overridden. */
  readonly image?: {
    readonly command?: readonly string[];
    readonly entryPoint?: readonly string[];
    readonly workingDirectory?: string;
  };
}

/** Another capacity from a moment on. One of `cron`, `rate` and `at`. */
export interface AwsCapacitySchedule {
  readonly name: string;
  /** Six fields, as Application Auto Scaling has them: `0 8 ? * MON-FRI *`. */
  readonly cron?: string;
  /** `1 day` */
  readonly rate?: string;
  /** `2026-12-24T18:00:00` */
  readonly at?: string;
  /** An IANA name. Default UTC. */
  readonly timezone?: string;
  readonly min: number;
  readonly max: number;
}

declare module 'polyfaas/spi' {
  interface ProviderOptions {
    readonly aws?: AwsOptions & AwsFunctionOptions;
  }
}

/** The account's settings with nothing left out. */
export interface PlatformSettings {
  readonly clients: ClientSettings;
  readonly artifactBucket: string | null;
  readonly permissionsBoundaryArn: string | null;
  readonly logTailSampleRate: number;
  /** Defaults for every function. */
  readonly defaults: AwsFunctionOptions;
}

/** One function's settings with nothing left out. JSON. */
export interface FunctionSettings {
  readonly roleArn: string | null;
  readonly policyStatements: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
  readonly layers: readonly string[];
  readonly vpc: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  } | null;
  readonly ephemeralStorageMb: number;
  readonly kmsKeyArn: string | null;
  readonly sourceKmsKeyArn: string | null;
  readonly tracing: 'Active' | 'PassThrough';
  readonly logFormat: 'Text' | 'JSON';
  readonly logRetentionDays: number;
  /** Null: no limit but the account's. */
  readonly reserved: number | null;
  /** Null: none. */
  readonly provisioned: {
    readonly min: number;
    readonly max: number;
    readonly targetUtilization: number;
    readonly schedules: readonly AwsCapacitySchedule[];
  } | null;
  readonly canaryWeight: number | null;
  readonly keepWarm: { readonly everyMinutes: number; readonly instances: number } | null;
  readonly handler: string;
  readonly image: {
    readonly command: readonly string[];
    readonly entryPoint: readonly string[];
    readonly workingDirectory: string | null;
  } | null;
}

/** @throws ServerlessError INVALID_ARGUMENT with every problem at once. */
export function platformSettings(
  given: unknown,
  region: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): PlatformSettings {
  const checked = checkSettings(platformSchema, given, ['providerOptions', 'aws']);
  if (!checked.ok) throw settingsError('aws', checked.issues);
  const { endpoint, credentials, profile, assumeRole, maxSockets, invoke, ...rest } =
    checked.settings;
  const { artifactBucket, permissionsBoundaryArn, ...defaults } = rest;
  const place = regionOf(region, env);
  // Emulators, and clouds that speak as AWS does, name their regions as they like.
  const isAws = ![endpoint, env['AWS_ENDPOINT_URL'], env['AWS_ENDPOINT_URL_LAMBDA']].some(Boolean);
  const problem = isAws && place !== undefined ? regionProblem(place) : undefined;
  if (problem !== undefined) {
    const path = region === undefined ? 'AWS_REGION' : 'region';
    throw settingsError('aws', [{ path, message: problem }]);
  }
  return {
    clients: {
      region: place,
      endpoint,
      credentials,
      profile,
      assumeRole,
      maxSockets: maxSockets ?? 256,
      pathStyle: [endpoint, env['AWS_ENDPOINT_URL_S3'], env['AWS_ENDPOINT_URL']].some(Boolean),
    },
    artifactBucket: artifactBucket ?? null,
    permissionsBoundaryArn: permissionsBoundaryArn ?? null,
    logTailSampleRate: invoke?.logTailSampleRate ?? 0,
    defaults: given === undefined ? {} : definedOnly(defaults),
  };
}

/** The settings of a function whose declaration was checked. */
export function functionSettings(
  spec: Pick<NormalFunctionSpec, 'providerOptions' | 'minInstances' | 'maxInstances' | 'tracing'>,
  platform: PlatformSettings,
): FunctionSettings {
  const parsed = functionSchema.safeParse(spec.providerOptions.aws ?? {});
  const own = parsed.success ? definedOnly(parsed.data) : {};
  const options: AwsFunctionOptions = { ...platform.defaults, ...own };
  const { vpc, image, keepWarm } = options;
  return {
    roleArn: options.roleArn ?? null,
    policyStatements: options.policyStatements ?? [],
    layers: options.layers ?? [],
    vpc: vpc
      ? { subnetIds: sortedSet(vpc.subnetIds), securityGroupIds: sortedSet(vpc.securityGroupIds) }
      : null,
    ephemeralStorageMb: options.ephemeralStorageMb ?? 512,
    kmsKeyArn: options.kmsKeyArn ?? null,
    sourceKmsKeyArn: options.sourceKmsKeyArn ?? null,
    tracing:
      (options.tracing ?? (spec.tracing ? 'active' : 'pass-through')) === 'active'
        ? 'Active'
        : 'PassThrough',
    logFormat: options.logFormat === 'json' ? 'JSON' : 'Text',
    logRetentionDays: options.logRetentionDays ?? 30,
    reserved: options.reservedConcurrency ?? spec.maxInstances ?? null,
    provisioned: provisionedOf(options, spec.minInstances),
    canaryWeight: options.canary?.weight ?? null,
    keepWarm: keepWarm
      ? { everyMinutes: keepWarm.everyMinutes ?? 5, instances: keepWarm.instances ?? 1 }
      : null,
    handler: options.handler ?? 'index.handler',
    image: imageOf(image),
  };
}

/** Lambda answers each once, in an order of its own. */
function sortedSet(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted();
}

/** What overrides nothing is no setting: Lambda does not keep it. */
function imageOf(image: AwsFunctionOptions['image']): FunctionSettings['image'] {
  const { command = [], entryPoint = [], workingDirectory = null } = image ?? {};
  if (command.length + entryPoint.length === 0 && workingDirectory === null) return null;
  return { command, entryPoint, workingDirectory };
}

function provisionedOf(
  options: AwsFunctionOptions,
  minInstances: number,
): FunctionSettings['provisioned'] {
  const given = options.provisionedConcurrency;
  const min = given?.min ?? minInstances;
  const max = Math.max(min, given?.max ?? min);
  const schedules = given?.schedules ?? [];
  if (max === 0 && schedules.length === 0) return null;
  return { min, max, targetUtilization: given?.targetUtilization ?? 0.7, schedules };
}

/** What is undefined is not said, so that a default shows through. */
function definedOnly(options: object): AwsFunctionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
