/** Digests of what is deployed, so that unchanged means unchanged. */
import { canonicalJson, digestOf, type Binding } from 'polyfaas/spi';
import type { AsyncRules, BindingPolicy } from './manifest.ts';
import type { VersionConfig } from './record.ts';
import type { DeploymentInput } from './steps.ts';

/** How deployments are put together. Another number makes every version a new one. */
const FORM = 1;
const VERSION_LENGTH = 10;

/** The name of a version: the beginning of its digest. */
export function versionName(digest: string): string {
  return digest.slice(0, VERSION_LENGTH);
}

/** What is fixed for a version, however often it is deployed. */
export interface VersionParts {
  /** Of the code, the environment, memory and timeout: what every platform keeps with a version. */
  readonly versionDigest: string;
  readonly config: VersionConfig;
}

export function digestOfVersion({ versionDigest, config }: VersionParts): string {
  return digestOf({ form: FORM, versionDigest, config });
}

/** The plain variables of a version, as its variable of the project holds them. */
export function envText(env: Readonly<Record<string, string>>): string {
  return canonicalJson(env);
}

/**
 * Of the text of a version's variable. Its name is in it, so that nobody sees which versions have the same values, or
 * looks common ones up.
 */
export function digestOfEnv(variable: string, text: string): string {
  return digestOf({ variable, text });
}

/** What one deployment of a version is made of. */
export interface DeploymentParts {
  /** The digest of the version. */
  readonly version: string;
  /** See `NotedEnv.renewal` in `record.ts`. Default: 0. */
  readonly envRenewal?: number;
  readonly policies: readonly BindingPolicy[];
  readonly async: AsyncRules | null;
  readonly crons: DeploymentInput['crons'];
  /** Deployments hold the key that they were made with. */
  readonly keyId: string;
  /** See `AppliedSettings.keys` in `plan/applied.ts`. */
  readonly keys: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly queueEndpoint: string;
}

/** The digest in the `meta` of a deployment. Whether a binding was declared, or added later, makes no difference in it. */
export function digestOfDeployment({
  policies,
  envRenewal = 0,
  ...parts
}: DeploymentParts): string {
  return digestOf({
    form: FORM,
    ...parts,
    // Most are made once: nothing of it is in their digests.
    ...(envRenewal > 0 ? { envRenewal } : {}),
    policies: policies.map(({ binding, deadLetter }) => ({ ...plain(binding), deadLetter })),
  });
}

function plain({ id, event }: Binding): Pick<Binding, 'id' | 'event'> {
  return { id, event };
}
