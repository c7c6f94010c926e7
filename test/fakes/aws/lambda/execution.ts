/** What the control plane of Lambda asks of the part that runs functions. */
import type { InvokeOutcome } from '../core/ports.ts';

/** Everything that an instance of one version is made of. */
export interface VersionConfig {
  readonly functionName: string;
  /** Unqualified. */
  readonly functionArn: string;
  /** A number, or `$LATEST`. */
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  /** `files`: the content of an image that a test registered. */
  readonly code: { readonly zip: Buffer } | { readonly files: Readonly<Record<string, string>> };
  /** Base64 SHA-256. */
  readonly codeSha256: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly roleArn: string;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: string;
  readonly architecture: string;
  /** Zips whose content belongs under `/opt`, in order. */
  readonly layers?: readonly Buffer[];
}

/** How many invocations of a function may run at once. */
export interface ConcurrencyLimits {
  /** Of the whole function. Absent: only the account's own limit counts. */
  readonly reserved?: number;
  /** Instances started ahead for this version. */
  readonly provisioned: number;
}

/** What becomes of an asynchronous invocation that fails. */
export interface AsyncPolicy {
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  /** ARNs of destinations: they get the event in an envelope. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
  /** The `DeadLetterConfig` of the function, where there is no `onFailure`: it gets the bare event. */
  readonly deadLetter?: string;
}

export interface Execution {
  invokeSync(
    config: VersionConfig,
    call: {
      readonly payload: string;
      readonly invokedArn: string;
      /** That of the API call, which is the one that the function sees. Absent: a new one. */
      readonly requestId?: string;
      readonly clientContext?: string;
      readonly traceHeader?: string;
      readonly wantTail: boolean;
      readonly limits: ConcurrencyLimits;
      readonly signal?: AbortSignal;
    },
  ): Promise<InvokeOutcome>;
  invokeAsync(
    /** Looked up anew at each attempt: an alias may have moved. Undefined: the function is gone. */
    config: () => VersionConfig | undefined,
    call: {
      readonly payload: string;
      readonly invokedArn: string;
      /** That of the API call, which is the one that the function sees. Absent: a new one. */
      readonly requestId?: string;
      readonly traceHeader?: string;
      readonly policy: () => AsyncPolicy;
      readonly limits: ConcurrencyLimits;
    },
  ): void;
  /** Provisioned concurrency: so many instances are started ahead. 0 ends it. */
  provision(config: VersionConfig, count: number): void;
  dropFunction(functionName: string): void;
  dropVersion(functionName: string, version: string): void;
  stop(): Promise<void>;
}
