/** The steps that make what a function stands on, each a check-then-act: nothing is made twice. */
import type { Step } from 'polyfaas/spi';
import { ownershipLabels } from '../labels.ts';
import type { AsyncRules, BindingPolicy } from '../manifest.ts';
import type { Target } from '../model.ts';
import { labelValue, ownerText, serviceAccountId } from '../names.ts';
import { LABEL } from '../record.ts';
import {
  STEP,
  type AccessInput,
  type CheckAccountsInput,
  type CheckSecretsInput,
  type SecretAccessInput,
  type ServiceAccountInput,
  type SettingsInput,
  type SettingsSecretInput,
} from '../steps.ts';
import { accountProject } from '../events/plan-sources.ts';
import type { FunctionSettings } from '../options.ts';
import { serviceLock } from './locks.ts';
import { refusal, step } from './parts.ts';

/** New service accounts are not known everywhere at once ("Service account creation is eventually consistent"). */
const SPREADING_SECONDS = 600;

export function secretStep(target: Target, adopt: boolean): Step {
  const input: SettingsSecretInput = {
    secret: target.settingsSecret,
    labels: {
      ...ownershipLabels(target.ref),
      [LABEL.location]: labelValue(target.location),
    },
    adopt,
  };
  return step(target, {
    id: 'secret',
    kind: STEP.settingsSecret,
    phase: 'prepare',
    title: 'Have the secret of its settings ready',
    input,
  });
}

/** What the user names has to be there: without a step where nothing is named. */
export function checkSteps(
  target: Target,
  parts: {
    readonly settings: Pick<FunctionSettings, 'serviceAccount' | 'buildServiceAccount'> | null;
    /** True where the account that was made for the function must be there still. */
    readonly isOwnNeeded: boolean;
    /** Full names. */
    readonly secrets: readonly string[];
  },
): readonly Step[] {
  const { settings, isOwnNeeded, secrets } = parts;
  const named = (['serviceAccount', 'buildServiceAccount'] as const).flatMap((option) => {
    const email = settings?.[option] ?? null;
    if (email === null) return [];
    const project = accountProject({ serviceAccount: email, projectId: target.projectId });
    return [{ field: `providerOptions.gcp.${option}`, project, email }];
  });
  const { projectId: project, serviceAccount: email } = target;
  const accounts: CheckAccountsInput['accounts'] = isOwnNeeded
    ? [{ field: null, project, email }, ...named]
    : named;
  const accountsInput: CheckAccountsInput = { accounts };
  const secretsInput: CheckSecretsInput = { secrets };
  return [
    ...(accounts.length === 0
      ? []
      : [
          step(target, {
            id: 'accounts-check',
            kind: STEP.checkAccounts,
            phase: 'prepare',
            title: 'See that the service accounts are there',
            input: accountsInput,
          }),
        ]),
    ...(secrets.length === 0
      ? []
      : [
          step(target, {
            id: 'secrets-check',
            kind: STEP.checkSecrets,
            phase: 'prepare',
            title: 'See that the secrets are there',
            input: secretsInput,
          }),
        ]),
  ];
}

/** One of the user's own is there already. */
export function accountSteps(target: Target): readonly Step[] {
  if (!target.ownsServiceAccount) return [];
  const input: ServiceAccountInput = {
    projectId: target.projectId,
    accountId: serviceAccountId(target.ref),
    email: target.serviceAccount,
    displayName: target.physicalName,
    description: ownerText(target.ref),
  };
  return [
    step(target, {
      id: 'account',
      kind: STEP.serviceAccount,
      phase: 'prepare',
      title: 'Have the service account ready',
      input,
      deadlineSeconds: SPREADING_SECONDS,
    }),
  ];
}

export function secretAccessStep(target: Target, secrets: readonly string[]): Step {
  const input: SecretAccessInput = { secrets, member: memberOf(target.serviceAccount) };
  return step(target, {
    id: 'secret-access',
    kind: STEP.secretAccess,
    phase: 'prepare',
    title: 'Let the function read its secrets',
    input,
    // Other functions may read the same.
    locks: secrets.map((secret) => `policy:${secret}`),
    deadlineSeconds: SPREADING_SECONDS,
  });
}

/** What instances know, and may learn while they run. */
export function settingsStep(
  target: Target,
  parts: {
    readonly id: 'first-settings' | 'settings';
    readonly phase: Step['phase'];
    readonly policies: readonly BindingPolicy[];
    readonly async: AsyncRules | null;
    /** False as long as the URL of the service is not known. */
    readonly isAudienceKnown: boolean;
    readonly isPublic: boolean;
    /** Null: stays as it is. */
    readonly minInstances: number | null;
    readonly keyId: string;
    readonly expected: string;
  },
): Step {
  const { policies, async, isPublic, minInstances, keyId, expected } = parts;
  // Before a build its output is nothing that could be referred to.
  const audience = parts.isAudienceKnown ? target.url : '';
  refuseLongSettings(target, { policies, async });
  const input: Omit<SettingsInput, 'audience'> & { readonly audience: Target['url'] } = {
    secret: target.settingsSecret,
    policies,
    async,
    caller: target.serviceAccount,
    audience,
    isPublic,
    minInstances,
    keyId,
    expected,
  };
  return step(target, {
    id: parts.id,
    kind: STEP.settings,
    phase: parts.phase,
    title: 'Write the settings',
    input,
  });
}

/** What the payload of a version holds ("Quotas and limits" of Secret Manager: 64 KiB), but for what is not known yet. */
const MOST_POLICY_BYTES = 65_536 - 4_096;

/** @throws ServerlessError QUOTA_EXCEEDED for what the settings secret could not hold. */
function refuseLongSettings(
  { ref }: Pick<Target, 'ref'>,
  parts: Pick<SettingsInput, 'policies' | 'async'>,
): void {
  const bytes = Buffer.byteLength(JSON.stringify(parts));
  if (bytes <= MOST_POLICY_BYTES) return;
  throw refusal(
    ref,
    'QUOTA_EXCEEDED',
    `The settings of "${ref.name}" would have ${bytes} bytes for its events, of the ${MOST_POLICY_BYTES} that a secret has room for (64 KiB in all). Move some of them to another function, or make the input of schedules shorter.`,
  );
}

/** Who may call the service. */
export function accessStep(
  target: Target,
  parts: { readonly isPublic: boolean; readonly callerBefore: string | null },
): Step {
  const { isPublic, callerBefore } = parts;
  const isOther = callerBefore !== null && callerBefore !== target.serviceAccount;
  const input: Omit<AccessInput, 'url'> & { readonly url: Target['url'] } = {
    service: target.serviceName,
    url: target.url,
    members: [memberOf(target.serviceAccount), ...(isPublic ? [ANYBODY] : [])],
    revoked: [...(isPublic ? [] : [ANYBODY]), ...(isOther ? [memberOf(callerBefore)] : [])],
  };
  return step(target, {
    id: 'access',
    kind: STEP.access,
    phase: 'bind',
    title: isPublic ? 'Let anybody call the service' : 'Let Google call the service',
    input,
    locks: [serviceLock(target)],
    deadlineSeconds: SPREADING_SECONDS,
  });
}

/** IAM's word for everybody. */
const ANYBODY = 'allUsers';

export function memberOf(serviceAccount: string): string {
  return `serviceAccount:${serviceAccount}`;
}
