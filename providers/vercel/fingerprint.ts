/** Digests of what is deployed, so that unchanged means unchanged. */
import { digestOf, type Binding } from 'polyfaas/spi';
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

/** What one deployment of a version is made of. */
export interface DeploymentParts {
  /** The digest of the version. */
  readonly version: string;
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
export function digestOfDeployment({ policies, ...parts }: DeploymentParts): string {
  return digestOf({
    form: FORM,
    ...parts,
    policies: policies.map(({ binding, deadLetter }) => ({ ...plain(binding), deadLetter })),
  });
}

function plain({ id, event }: Binding): Pick<Binding, 'id' | 'event'> {
  return { id, event };
}
