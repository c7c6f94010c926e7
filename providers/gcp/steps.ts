/**
 * What the steps of a function's own are about: planners write these inputs, executors read them. Steps of event sources
 * have theirs beside their planners. Any text may be the output of an earlier step (`{ $from }`) until the engine has
 * resolved it.
 */
import type { FunctionRef, JsonObject } from 'polyfaas/spi';
import type { Ingress } from './ingress.ts';
import type { AsyncRules, BindingPolicy, SourceManifest } from './manifest.ts';
import type { Where } from './events/steps.ts';
import type { FunctionRecord, MadeSource } from './record.ts';

/** Kinds of steps. */
export const STEP = {
  checkAccounts: 'check-service-accounts',
  checkSecrets: 'check-secrets',
  settingsSecret: 'settings-secret',
  serviceAccount: 'service-account',
  secretAccess: 'secret-access',
  record: 'write-record',
  settings: 'write-settings',
  source: 'upload-source',
  function: 'build-function',
  tag: 'tag-revision',
  verify: 'verify-revision',
  traffic: 'move-traffic',
  scale: 'scale-service',
  ingress: 'set-ingress',
  labels: 'set-labels',
  access: 'service-access',
  retireVersions: 'retire-versions',
  deleteFunction: 'delete-function',
  deleteServiceAccount: 'delete-service-account',
  deleteSecret: 'delete-secret',
  warm: 'warm',
} as const;

/** Refuses service accounts that are not there, though they should be. Writes nothing. */
export interface CheckAccountsInput {
  readonly accounts: readonly {
    /** The option that names it: `providerOptions.gcp.serviceAccount`. Null for the one that was made for the function. */
    readonly field: string | null;
    /** The project that it belongs to. */
    readonly project: string;
    readonly email: string;
  }[];
}

/** Refuses secrets of the user's that are not there. Writes nothing, and reads no value. */
export interface CheckSecretsInput {
  /** `projects/p/secrets/NAME` */
  readonly secrets: readonly string[];
}

/** Makes the settings secret, which is the first thing of a function to be there and the last to go. */
export interface SettingsSecretInput {
  /** `projects/p/secrets/NAME` */
  readonly secret: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Takes over one without our labels; else ALREADY_EXISTS. */
  readonly adopt: boolean;
}

export interface ServiceAccountInput {
  readonly projectId: string;
  /** 6 to 30 characters. */
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  /** Says whose it is, since service accounts have no labels: `polyfaas app/stage/function`. */
  readonly description: string;
}

/** Lets the service account read secrets: each its own grant. */
export interface SecretAccessInput {
  /** `projects/p/secrets/NAME` */
  readonly secrets: readonly string[];
  /** `serviceAccount:EMAIL` */
  readonly member: string;
}

/** Writes the record into the secret's annotation, by compare and set. CONFLICT when another deploy was faster. */
export interface RecordInput {
  readonly secret: string;
  readonly record: FunctionRecord | JsonObject;
  /**
   * What must be true before: the secret still has this `etag` (the first write of a plan), or its record still has this
   * `next` (later ones). Null: the secret was made by this very plan.
   */
  readonly expected: { readonly etag: string } | { readonly next: string } | null;
}

/** Adds a version of the settings when they differ from the latest, and destroys those before the last two. */
export interface SettingsInput {
  readonly secret: string;
  readonly policies: readonly BindingPolicy[];
  /** Null: stays as it is. */
  readonly async: AsyncRules | null;
  readonly caller: string;
  /** Empty: stays as it is. */
  readonly audience: string;
  readonly isPublic: boolean;
  /** Null: stays as it is. */
  readonly minInstances: number | null;
  /** A key of this id is made when there is none; the one before it stays valid. Never in a plan: only its id is. */
  readonly keyId: string;
  /** See {@link RecordInput}: the `next` that the record must have. Null: not looked at. */
  readonly expected: string | null;
}

/** Uploads the source: the artifact's files and the manifest. Output: `{ bucket, object, generation }`. */
export interface SourceInput {
  /** `projects/p/locations/l` */
  readonly parent: string;
  readonly artifactDigest: string;
  readonly manifest: SourceManifest;
}

/**
 * Creates or updates the function, and waits for its build. Output: `{ revision, service, url, createdAt }`; `revision`
 * is the short name.
 */
export interface FunctionInput {
  /** `projects/p/locations/l/functions/NAME` */
  readonly name: string;
  /** Digest of `wish` without its source: in the label `polyfaas-build`, so that a repeat knows its own work. */
  readonly build: string;
  /** A `google.cloud.functions.v2.Function` as JSON: camelCase, enums as texts. */
  readonly wish: JsonObject;
  /** Paths in snake_case, for an update. */
  readonly mask: readonly string[];
  readonly adopt: boolean;
  /**
   * As declared. A build leaves a service as it is, and makes one open, so that its first version can be looked at: what is
   * declared is applied after the switch. It is made closed where the organisation forbids open ones.
   */
  readonly ingress: Ingress;
}

export interface TaggedRevision {
  /** Short name. */
  readonly revision: string;
  readonly tag: string;
}

/**
 * Gives a new revision its tag without moving traffic; what got traffic as "the latest" is pinned to the revision that
 * it is. Output: `{ url, ingress }` of the tag.
 */
export interface TagInput extends TaggedRevision {
  /** `projects/p/locations/l/services/NAME` */
  readonly service: string;
  /** The revision that the record has as live; null where there is none: then "the latest" is the new one. */
  readonly live: string | null;
}

/** Calls the version over its tag, signed, until it answers. */
export interface VerifyInput {
  /** Of the tag. */
  readonly url: string;
  /** The audience of the ID token: the service's own URL. */
  readonly audience: string;
  readonly functionId: string;
  readonly version: string;
  readonly secret: string;
  /** What the service has meanwhile: behind a closed one, a look from outside finds nothing. */
  readonly ingress: Ingress;
  /** The claim in the record. Plans of before have none: nothing is looked at then. */
  readonly expected?: string;
}

/** Moves all traffic to one revision, and leaves exactly these tags. */
export interface TrafficInput {
  readonly service: string;
  readonly revision: string;
  readonly tags: readonly TaggedRevision[];
  /** It was not built just now, so that somebody may have deleted it. */
  readonly mayBeGone: boolean;
  /** See {@link SettingsInput}. */
  readonly expected: string | null;
  readonly secret: string;
}

/** Instances of the service that are kept ready: no build, no new revision. */
export interface ScaleInput {
  readonly service: string;
  readonly minInstances: number;
}

/** From where the service can be reached at all: no build, no new revision. */
export interface IngressInput {
  readonly service: string;
  readonly ingress: Ingress;
}

/** Labels of the service where a version that is kept carries others. Those of the function itself would be a build. */
export interface LabelsInput {
  readonly service: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Who may call the service: the function's own service account, whose signature deliveries carry; and anybody, or not. */
export interface AccessInput {
  readonly service: string;
  /** The URL of the service. */
  readonly url: string;
  readonly members: readonly string[];
  /** Members of ours that may be there from before, and go. */
  readonly revoked: readonly string[];
}

/** Takes tags from old versions, and deletes their revisions. */
export interface RetireVersionsInput {
  readonly service: string;
  /** What stays. */
  readonly keep: readonly TaggedRevision[];
  /** Short names of revisions. */
  readonly delete: readonly string[];
}

/** Whose turn it is: what a removal deletes, it deletes only as long as no other operation has claimed the record since. */
export interface Claim {
  /** `projects/p/secrets/NAME` */
  readonly secret: string;
  /** The `next` that the record must have. */
  readonly next: string;
}

/** The claim that a step works under. Left out where nothing was made that calls the function. */
export interface Held extends Claim {
  readonly target: Where;
  /** What may have been made since the record was last looked at: a plan that has lost takes it away. */
  readonly making: readonly MadeSource[];
}

export interface DeleteFunctionInput {
  readonly name: string;
  /** Left out: nothing is looked at. */
  readonly claim?: Claim;
}

export interface DeleteServiceAccountInput {
  readonly projectId: string;
  readonly email: string;
  readonly description: string;
  /** The id of a function that works as it too, so that it is kept. Left out: there is none. */
  readonly sharedWith?: string;
  /** Left out: nothing is looked at. */
  readonly claim?: Claim;
}

export interface DeleteSecretInput {
  readonly secret: string;
  /** The `next` that the record must have. */
  readonly expected: string;
}

/** Calls the live version so often at once, without running the handler. Output: `{ distinctInstances }`. */
export interface WarmInput {
  readonly ref: FunctionRef;
  readonly instances: number;
}
