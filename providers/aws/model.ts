/** What the parts of the AWS adapter share: what is observed, what a step is about, and how one is done. */
import type {
  CallContext,
  FunctionRef,
  HandlerKind,
  ObservedFunction,
  SecretRef,
  Step,
  StepResult,
} from 'polyfaas/spi';
import type { AwsClients } from './clients/index.ts';
import type { Remains } from './events/remains/find.ts';
import type { RoleOwner } from './names.ts';
import type { FunctionRecord } from './record.ts';

/** What the description of a version, and of the alias that points to one, says about it. */
export interface VersionNote {
  readonly version: string | null;
  /** The digest of the version: code, environment, memory, timeout and the platform settings that belong to it. */
  readonly digest: string;
  readonly artifactDigest: string;
  /** Base64 SHA-256 of the zip, as Lambda tells it; null where it is not known. */
  readonly codeSha256: string | null;
  readonly handles: readonly HandlerKind[];
  /** False for images, foreign runtimes and zips that others built: their input travels bare. */
  readonly hasShim: boolean;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** RFC 3339, in seconds; null where it is not known. */
  readonly createdAt: string | null;
  /** A newer version that gets only a share of the traffic. */
  readonly canary: { readonly version: string; readonly digest: string } | null;
  /**
   * Of the alias: the newest version that ever had traffic. Of a version: the one that was so when it was published,
   * "0" for none. Null where it is not known.
   */
  readonly newest: string | null;
  /** The beginning of `POLYFAAS_DIGEST` of its environment; null where it is not known. */
  readonly configDigest: string | null;
}

/**
 * Of a version that never had traffic. `skipped`: a newer one had it. `later`: it is newer than all that had; its
 * deploy is under way, or failed.
 */
export type VersionStanding = 'skipped' | 'later';

/** What Lambda keeps with a version beside the code, in one form for wish and observation. JSON. */
export interface VersionConfig {
  readonly roleArn: string;
  readonly description: string;
  /** Null for images. */
  readonly runtime: string | null;
  readonly handler: string | null;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string>>;
  readonly layers: readonly string[];
  readonly vpc: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  } | null;
  readonly ephemeralStorageMb: number;
  readonly kmsKeyArn: string | null;
  readonly tracing: 'Active' | 'PassThrough';
  readonly logFormat: 'Text' | 'JSON';
  readonly image: {
    readonly command: readonly string[];
    readonly entryPoint: readonly string[];
    readonly workingDirectory: string | null;
  } | null;
  /** What a hand set that is never wished for, in words for people. Absent: nothing. */
  readonly foreign?: readonly string[];
}

/** What of a version's configuration its role must allow. */
export interface VersionNeeds extends Pick<
  VersionConfig,
  'roleArn' | 'tracing' | 'vpc' | 'kmsKeyArn'
> {
  readonly secrets: readonly SecretRef[];
}

/** What only a full reading tells; null otherwise. */
export interface ActualSettings {
  /** The statements of the role's two policies; null when the role is not ours or is gone. */
  readonly policies: {
    readonly run: readonly Statement[];
    readonly events: readonly Statement[];
  } | null;
  readonly async: AsyncConfig | null;
  /** Instances that are kept ready by provisioned concurrency; null when none is set. */
  readonly provisioned: number | null;
  readonly logRetentionDays: number | null;
  /** The log group is somebody else's, and stays as it is. */
  readonly hasForeignLog: boolean;
  /** What bounds the role that was made; null for none, absent where it is not known. */
  readonly boundaryArn?: string | null;
  /** True when pings that were made are gone, or what they need is. Default false. */
  readonly lostPings?: boolean;
  /** Absent: none. */
  readonly drifted?: readonly BindingDrift[];
  /** `foreign` of the live version's configuration. Absent: nothing. */
  readonly foreign?: readonly string[];
}

/** A binding whose resource is gone, or is not as it was made. */
export interface BindingDrift {
  readonly id: string;
  /** In words for people. */
  readonly problem: string;
}

/** How Lambda treats asynchronous invocations, in one form for wish and observation. */
export interface AsyncConfig {
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
}

/**
 * An earlier function of that name, or the record of this one, was deleted by hand, and what they had is not known any
 * more. `calling`: nobody has looked for what of it calls the function. `silent`: that was taken away; what was made for
 * it waits for the removal.
 */
export type Unrecorded = 'calling' | 'silent';

/** What the adapter reads of one function. JSON. */
export interface AwsObserved extends ObservedFunction {
  readonly physicalName: string;
  readonly functionArn: string;
  /** A function of that name belongs to somebody else. */
  readonly isStranger: boolean;
  /** It carries the tags of some function of ours. */
  readonly isOwned: boolean;
  /** `$LATEST`, what the next version is made of; null when there is no function. */
  readonly latest: {
    readonly revisionId: string;
    readonly codeSha256: string;
    /** `POLYFAAS_DIGEST` of its environment. */
    readonly digest: string | null;
    readonly packageType: 'Zip' | 'Image';
    readonly architecture: 'x86_64' | 'arm64';
    readonly sourceKmsKeyArn: string | null;
    readonly roleArn: string;
    /** Null when Lambda cannot tell the environment: the key that encrypts it is out of reach. */
    readonly config: VersionConfig | null;
    /** Reserved concurrency; null when none is set. */
    readonly reserved: number | null;
    readonly tags: Readonly<Record<string, string>>;
  } | null;
  /** The alias `live`; null before the first complete deploy. */
  readonly live: {
    readonly version: string;
    readonly revisionId: string;
    /** Null when its description is not ours. */
    readonly note: VersionNote | null;
    readonly weights: Readonly<Record<string, number>>;
    /** What it has, where that is not what `$LATEST` has, but for the description; null when Lambda cannot tell. */
    readonly config?: VersionConfig | null;
  } | null;
  /** All versions, oldest first, when they were read; else empty. */
  readonly versions: readonly {
    readonly version: string;
    readonly note: VersionNote | null;
    /** Null when its environment cannot be told. */
    readonly needs: VersionNeeds | null;
    /** Absent: it had traffic, or nothing tells that it had none. */
    readonly standing?: VersionStanding;
  }[];
  readonly actual: ActualSettings | null;
  /** What is left of a function that is gone. Its role is looked for by the reading for a removal only. */
  readonly leftovers: readonly ('role' | 'logs')[];
  /** The rest of it: what called it, and what was made for it. Absent: not looked for. */
  readonly remains?: Remains;
  /** What may be there that the record does not tell of. Absent: nothing. */
  readonly unrecorded?: Unrecorded;
  readonly record: FunctionRecord;
}

/** What every step carries: whose function it is about. */
export interface Target extends RoleOwner {
  readonly ref: FunctionRef;
  readonly functionArn: string;
}

/** The one alias that all traffic and every trigger goes to. */
export const LIVE = 'live';

export function aliasArn(target: Pick<Target, 'functionArn'>): string {
  return `${target.functionArn}:${LIVE}`;
}

/** Does one step. */
export type Executor = (aws: AwsClients, step: Step, call: CallContext) => Promise<StepResult>;

/** One statement of a role's policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
