/**
 * What polyfaas remembers of a function: its versions and its bindings. Vercel's projects have neither tags nor places for
 * notes, and no write that compares: the record is a plain environment variable of the project for the target
 * `development`, which no deployment sees. Each change of it is a new variable with the next number; Vercel refuses a
 * variable that is there already, so only one writer gets each number. The greatest number is the record.
 */
import type { Binding, HandlerKind } from 'polyfaas/spi';

/** One file of a `.func` folder, as a deployment names it: its bytes are kept by Vercel under their SHA-1. */
export interface KeptFile {
  /** Below the `.func` folder: `polyfaas.mjs`. */
  readonly path: string;
  /** SHA-1, hexadecimal. */
  readonly sha: string;
  readonly size: number;
  readonly mode: number;
}

/** What a version's functions are configured with. Never changes. */
export interface VersionConfig {
  readonly handles: readonly HandlerKind[];
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
  /** `nodejs24.x` */
  readonly runtime: string;
  /** `['fra1']` */
  readonly regions: readonly string[];
  readonly hasEnv: boolean;
  /** By the user's names, the variable of the project that holds each secret. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What is known of the plain variables of a version, without a value of them. */
export interface NotedEnv {
  /** See `digestOfEnv` in `fingerprint.ts`: tells what a hand has made of them. */
  readonly digest: string;
  /**
   * 0; another number each time that they were found to be others, and written again. Deployments keep their own copy for
   * good: those of before may have been made with what the hand wrote.
   */
  readonly renewal: number;
  /** Of each variable: see `envMarks`. Absent in notes that are older than this field. */
  readonly marks?: Readonly<Record<string, string>>;
}

/** What belongs to one version. */
export interface VersionNote {
  /** The first 10 characters of its digest. */
  readonly version: string;
  /** The digest of the version: code, environment, memory, timeout and the platform settings that belong to it. */
  readonly digest: string;
  readonly artifactDigest: string;
  readonly config: VersionConfig;
  /** Absent where the version has no plain variables, and in notes that are older than this field. */
  readonly env?: NotedEnv;
  /** The newest deployment of the version; null until there is one. Another one is made when bindings change. */
  readonly deployment: {
    /** `dpl_...` */
    readonly id: string;
    /** Host name, without a scheme: `shop-dev-orders-1a2b3c.vercel.app`. */
    readonly host: string;
    /** See `DeploymentInput.digest` in `steps.ts`: of the version with the bindings it was made with. */
    readonly digest: string;
  } | null;
  /**
   * RFC 3339. Null as long as it is not known that the deployment served: it was noted before the switch, so that production
   * traffic never reaches what the record does not know. Such a note is no kept version unless it is in production; it may
   * stand beside an older note of the same version.
   */
  readonly createdAt: string | null;
}

export interface FunctionRecord {
  /** Whose the project is. */
  readonly app: string;
  readonly stage: string;
  readonly name: string;
  /** The version that was made live last. What is live is told by the project's production deployment. */
  readonly live: string | null;
  /**
   * Every version that is kept, oldest first; behind them, what is about to go live (`createdAt` null). Before them, until
   * their deployments are gone, those that are about to go (`createdAt` null, too).
   */
  readonly versions: readonly VersionNote[];
  /** The digest of what is about to be done: whoever wrote it last is the one who goes on. Null when nothing is. */
  readonly next: string | null;
  readonly bindings: readonly Binding[];
  /**
   * When each binding of a topic was first wished, in milliseconds since the epoch; by binding id. Stamped by the executor
   * that writes the record, since plans know no time.
   */
  readonly since: Readonly<Record<string, number>>;
  /** What belongs to no version (async rules, key id, tags) as it was applied: see `plan/applied.ts`; empty before. */
  readonly settings: string;
}

/** The record as a project has it. */
export interface KeptRecord {
  /** 1 for the first. */
  readonly number: number;
  readonly record: FunctionRecord;
}
