/**
 * What the steps of a function are about: planners write these inputs, executors read them. Any text may be the output of
 * an earlier step (`{ $from }`) until the engine has resolved it.
 */
import type { FunctionRef, JsonObject } from 'polyfaas/spi';
import type { AsyncRules, BindingPolicy } from './manifest.ts';
import type { FunctionRecord, VersionConfig } from './record.ts';

/** Kinds of steps, in the order in which a deploy has them. */
export const STEP = {
  /** prepare */
  checkSecrets: 'check-secrets',
  project: 'ensure-project',
  record: 'write-record',
  bypass: 'protection-bypass',
  keys: 'write-keys',
  env: 'write-env',
  secrets: 'link-secrets',
  /** publish */
  files: 'keep-files',
  deployment: 'create-deployment',
  /** verify */
  verify: 'verify-deployment',
  /** switch */
  promote: 'promote-deployment',
  rollback: 'roll-back',
  /** retire; then the record once more */
  retire: 'retire-deployments',
  deleteProject: 'delete-project',
  warm: 'warm',
} as const;

/**
 * Refuses secrets that are not there: variables of the project, or shared variables of the team, of these keys. Writes
 * nothing, and reads no value.
 */
export interface CheckSecretsInput {
  /** Null when there is no project yet. */
  readonly projectId: string | null;
  /** As declared, for messages, by the variable: `{ orders_db: 'orders/db' }`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Makes the project with the first record in it, in one call; or takes one over. Output: `{ projectId }`. CONFLICT when
 * another deploy has made it meanwhile.
 */
export interface ProjectInput {
  readonly name: string;
  /** Null: it must be made. */
  readonly projectId: string | null;
  /** Written as record number 1 when the project is made, or taken over without one. */
  readonly record: FunctionRecord | JsonObject;
  /** As in {@link RecordInput}. */
  readonly topics: readonly string[];
  readonly adopt: boolean;
}

/** Writes the record under the next number. CONFLICT when another deploy was faster. Older numbers are deleted. */
export interface RecordInput {
  readonly projectId: string;
  readonly record: FunctionRecord | JsonObject;
  /**
   * Ids of bindings of topics: the record that is written has a `since` for each. What the given record lacks is taken from
   * the record that is there, where the plan itself wrote that one (`expected.next`); else it is the time of the write.
   */
  readonly topics: readonly string[];
  /**
   * What must be true before: the greatest number is this one (the first write of a plan), or the record still has this
   * `next` (later ones).
   */
  readonly expected: { readonly number: number } | { readonly next: string };
  /** A later step makes a deployment: what that takes is looked for before anything is written. */
  readonly deploys?: boolean;
}

/** Makes a secret that lets automation through the protection of deployments, when there is none. */
export interface BypassInput {
  readonly projectId: string;
}

/** Makes the invoke key of this id when there is none (the one before it stays valid), and `CRON_SECRET` when wanted. */
export interface KeysInput {
  readonly projectId: string;
  readonly keyId: string;
  /**
   * The key that what is live was deployed with, which stays valid whatever was made by deploys that failed since. Null:
   * it is not known, and the newest of the others stays.
   */
  readonly appliedKeyId: string | null;
  readonly needsCronSecret: boolean;
}

/** Upserts the plain variables of a version, as one encrypted variable: see `envVariable` in `manifest.ts`. */
export interface EnvInput {
  readonly projectId: string;
  readonly version: string;
  /** Null: those of a kept version, that are there already, are given to deployments again. */
  readonly env: Readonly<Record<string, string>> | null;
  /**
   * Of those of a kept version, as they were noted: CONFLICT when they are others by now. Absent where it is not known what
   * they were.
   */
  readonly digest?: string;
  /** The record must still have this `next`. */
  readonly expected: string;
}

/** Links shared variables of the team to the project, so that its next deployments have them. */
export interface LinkSecretsInput {
  readonly projectId: string;
  readonly variables: readonly string[];
}

/** Notes which files the version consists of (`POLYFAAS_FILES_<VERSION>`), so that bindings can change without its code. */
export interface FilesInput {
  readonly projectId: string;
  readonly version: string;
  readonly artifactDigest: string;
}

/**
 * Makes a staged production deployment, and waits until it is ready. Looks first whether there is one of this digest.
 * Output: `{ id, host, createdAt }`.
 */
export interface DeploymentInput {
  readonly projectId: string;
  readonly projectName: string;
  readonly ref: FunctionRef;
  readonly version: string;
  readonly artifactDigest: string;
  /** `artifact`: from this machine, by the vendor's client. `kept`: from what Vercel has of an earlier deployment. */
  readonly source: 'artifact' | 'kept';
  readonly config: VersionConfig;
  /** `since` of a topic's binding is null here: the executor takes it from the record. */
  readonly policies: readonly BindingPolicy[];
  readonly async: AsyncRules | null;
  /** Crons of `config.json`. */
  readonly crons: readonly { readonly path: string; readonly schedule: string }[];
  readonly region: string;
  /** Of the version, the policies, the rules, the key id and the tags: in `meta`. */
  readonly digest: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly queueEndpoint: string;
  /** The record must still have this `next`. */
  readonly expected: string;
}

/** Calls the deployment, signed, until it answers as the version. */
export interface VerifyInput {
  readonly projectId: string;
  readonly host: string;
  readonly functionId: string;
  readonly version: string;
  /** The record must still have this `next`, when the address leads nowhere. */
  readonly expected: string;
}

/**
 * Gives production traffic to a deployment, and waits until Vercel says that it is done. Output: `{ url }`: the origin of
 * the function, `https://...`. Of `promote-deployment` and `roll-back` (instant: only to one that served before).
 */
export interface SwitchInput {
  readonly projectId: string;
  readonly deploymentId: string;
  /** The record must still have this `next`. */
  readonly expected: string;
}

/**
 * Deletes all deployments of the function but these, and the variables of versions that are gone. Those of kept versions but
 * the live one leave the deployments' environment. What somebody else deployed to the project stays. CONFLICT while another
 * deployment is promoted.
 */
export interface RetireInput {
  readonly projectId: string;
  /** Ids of deployments. */
  readonly keep: readonly string[];
  readonly versions: readonly string[];
  readonly live: string;
  /** The deployment that must still be in production; absent in plans that are older than this. */
  readonly production?: string;
  readonly expected: string;
}

export interface DeleteProjectInput {
  readonly projectId: string;
}

/** Calls the live version so often at once, without running the handler. Output: `{ distinctInstances }`. */
export interface WarmInput {
  readonly ref: FunctionRef;
  readonly instances: number;
}
