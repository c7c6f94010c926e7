/** All that the control plane of Lambda remembers. */
import { randomUUID } from 'node:crypto';
import type { World } from '../core/ports.ts';
import type { Execution } from './execution.ts';
import { functionNotFound, notFound } from './faults.ts';
import { functionArn, isVersion, readReference, type Reference } from './names.ts';

/** How long a new function is `Pending`, an update `InProgress`, and a new version `Pending`. */
export const CREATE_MS = 1000;
export const UPDATE_MS = 1000;
export const PUBLISH_MS = 500;
/** How long provisioned concurrency takes to be there. */
export const PROVISION_MS = 3000;

/** What `CreateFunction` and `UpdateFunctionConfiguration` set, and a version keeps. */
export interface Settings {
  readonly packageType: 'Zip' | 'Image';
  readonly runtime?: string;
  readonly handler?: string;
  readonly roleArn: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly env: Readonly<Record<string, string>>;
  /** ARNs of layer versions. */
  readonly layers: readonly string[];
  readonly architecture: string;
  readonly ephemeralMb: number;
  readonly tracing: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: string;
  readonly logGroup: string;
  readonly deadLetterArn: string;
  readonly kmsKeyArn: string;
  readonly vpc?: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  readonly imageConfig?: Readonly<Record<string, unknown>>;
}

/** What an image that a test registered does: a Node handler stands for its entry point. */
export interface FakeImage {
  readonly files: Readonly<Record<string, string>>;
  readonly handler: string;
}

export interface Code {
  readonly sha256: string;
  readonly size: number;
  readonly unzippedSize: number;
  readonly content:
    | { readonly zip: Buffer }
    | { readonly imageUri: string; readonly image: FakeImage };
}

/** `$LATEST`, or a published version. */
export interface VersionState {
  readonly version: string;
  settings: Settings;
  code: Code;
  modifiedAt: number;
  revision: Revision;
  /** `Pending` until then. */
  readonly activeAt: number;
  /** Until then, calls get what was before. */
  update?: { readonly endsAt: number; readonly before: { settings: Settings; code: Code } };
}

/** A revision id changes with every change, and once more when the asynchronous part of it ends. */
export class Revision {
  readonly #during = randomUUID();
  readonly #after = randomUUID();
  readonly #endsAt: number;

  constructor(endsAt: number) {
    this.#endsAt = endsAt;
  }

  at(now: number): string {
    return now < this.#endsAt ? this.#during : this.#after;
  }
}

export interface AliasState {
  readonly name: string;
  version: string;
  description: string;
  weights: Readonly<Record<string, number>>;
  /** What had the traffic, and has it until instances of the new version stand ready. */
  rollsFrom?: string | undefined;
  revisionId: string;
  /** Sums up the weights, so that they are kept exactly and not by chance. */
  due: number;
}

export interface PolicyState {
  statements: readonly PolicyStatement[];
  revisionId: string;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ProvisionedState {
  readonly requested: number;
  /** The version that the instances are of. */
  version: string;
  readyAt: number;
  modifiedAt: number;
  /** Why there are none, and will be none. */
  failure?: string | undefined;
}

export interface EventInvokeState {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly modifiedAt: number;
}

export interface UrlState {
  readonly url: string;
  authType: string;
  invokeMode: string;
  cors?: UrlCors;
  readonly createdAt: number;
  modifiedAt: number;
  readonly close: () => Promise<void>;
}

export interface UrlCors {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

export interface FunctionState {
  readonly name: string;
  readonly arn: string;
  readonly latest: VersionState;
  readonly versions: Map<string, VersionState>;
  /** Numbers are never used again. */
  lastVersion: number;
  readonly aliases: Map<string, AliasState>;
  /** By qualifier; `''` is the unqualified function. */
  readonly policies: Map<string, PolicyState>;
  readonly tags: Map<string, string>;
  reserved?: number;
  readonly provisioned: Map<string, ProvisionedState>;
  readonly eventInvoke: Map<string, EventInvokeState>;
  /** By alias; `''` is the unqualified function. */
  readonly urls: Map<string, UrlState>;
}

export interface LayerVersionState {
  readonly version: number;
  readonly description: string;
  readonly code: Code;
  readonly createdAt: number;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly licenseInfo?: string;
}

export interface LayerState {
  lastVersion: number;
  readonly versions: Map<number, LayerVersionState>;
}

/** A function, and what of it was asked for. */
export interface Found {
  readonly fn: FunctionState;
  readonly qualifier?: string;
}

export class LambdaState {
  readonly world: World;
  readonly execution: Execution;
  readonly functions = new Map<string, FunctionState>();
  readonly layers = new Map<string, LayerState>();
  /** By image URI. */
  readonly images: Map<string, FakeImage>;
  /** For tests: why no instance can be kept ready from now on. */
  refusesInstances: string | undefined = undefined;

  constructor(world: World, execution: Execution, images: Map<string, FakeImage>) {
    this.world = world;
    this.execution = execution;
    this.images = images;
  }

  now(): number {
    return this.world.clock.now();
  }

  reference(text: string, qualifier?: string | null): Reference {
    return readReference(this.world, text, qualifier);
  }

  /** The function, whatever its qualifier is worth. */
  find(text: string, qualifier?: string | null): Found {
    const reference = this.reference(text, qualifier);
    const fn = this.functions.get(reference.name);
    if (!fn) throw functionNotFound(functionArn(this.world, reference.name, reference.qualifier));
    this.settle(fn);
    return { fn, ...(reference.qualifier !== undefined && { qualifier: reference.qualifier }) };
  }

  /** The version that a qualifier stands for; of an alias, the one without its weights. */
  version({ fn, qualifier }: Found): VersionState {
    const version = this.#version(fn, qualifier);
    if (!version) throw functionNotFound(functionArn(this.world, fn.name, qualifier));
    return version;
  }

  /** Throws when there is no such version or alias. */
  check(found: Found): void {
    this.version(found);
  }

  alias(fn: FunctionState, name: string): AliasState {
    const alias = fn.aliases.get(name);
    if (!alias) throw notFound(`Cannot find alias arn: ${fn.arn}:${name}`);
    return alias;
  }

  /** Ends an update whose time is over: only then do instances of the old form go. */
  settle(fn: FunctionState): void {
    const { update } = fn.latest;
    if (update === undefined || this.now() < update.endsAt) return;
    delete fn.latest.update;
    this.execution.dropVersion(fn.name, '$LATEST');
  }

  #version(fn: FunctionState, qualifier: string | undefined): VersionState | undefined {
    if (qualifier === undefined || qualifier === '$LATEST') return fn.latest;
    if (isVersion(qualifier)) return fn.versions.get(qualifier);
    const alias = fn.aliases.get(qualifier);
    if (!alias) return undefined;
    return alias.version === '$LATEST' ? fn.latest : fn.versions.get(alias.version);
  }
}
