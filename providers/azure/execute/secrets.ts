/** Whether the function app can read its secrets: Azure resolves references by itself, and tells how they came out. */
import type { CallContext, ErrorCode, StepResult } from 'polyfaas/spi';
import { pages } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { vaultSecretName, type SecretUse } from '../environment.ts';
import { envSetting } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { API } from '../names.ts';
import { vaultOf } from '../plan/foundation.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { again, keptOf } from '../arm/turn.ts';
import { refusal } from './refusals.ts';

/** So long a role may take to reach the vault. */
const PATIENCE_MS = 150_000;

interface Verdict {
  readonly code: ErrorCode;
  readonly says: (secret: string, vault: string) => string;
}

/** "Key Vault references": the states that no waiting mends. */
const FINAL: Readonly<Record<string, Verdict>> = {
  SecretNotFound: {
    code: 'NOT_FOUND',
    says: (secret, vault) =>
      `the vault "${vault}" has no secret "${secret}". Create it: az keyvault secret set --vault-name ${vault} --name ${secret} --value ...`,
  },
  SecretVersionNotFound: {
    code: 'NOT_FOUND',
    says: (secret, vault) =>
      `the secret "${secret}" of the vault "${vault}" has no such version. Name one that is there, or none.`,
  },
  VaultNotFound: {
    code: 'NOT_FOUND',
    says: (_secret, vault) =>
      `there is no vault "${vault}". Create it, or name another one in providerOptions.azure.keyVault.`,
  },
  InvalidSyntax: {
    code: 'INVALID_ARGUMENT',
    says: (secret, vault) => `Azure does not take "${secret}" in "${vault}" for a reference.`,
  },
};

/** A reference, as the function's entry will need it. */
export interface SecretReference extends SecretUse {
  readonly vault: string;
}

export const checkSecrets: Executor = (azure, step, call) => {
  const { target, version, secrets, keyVault } = inputOf<{
    version: string;
    secrets: readonly SecretUse[];
    keyVault: string;
  }>(step);
  const vault = vaultOf(keyVault).name;
  const references = secrets.map((use) => ({ ...use, vault }));
  return seeReferences(azure, { target, version, references }, call);
};

/**
 * Asked again while a role is on its way to the vault.
 *
 * @throws ServerlessError NOT_FOUND, INVALID_ARGUMENT or PERMISSION_DENIED with the first that does not resolve.
 */
export async function seeReferences(
  azure: AzureClients,
  parts: {
    readonly target: KnownTarget;
    readonly version: string;
    readonly references: readonly SecretReference[];
  },
  call: CallContext,
): Promise<StepResult> {
  const { target, version, references } = parts;
  const states = await statesOf(azure, target, call);
  const waiting: (SecretReference & { readonly state: string })[] = [];
  for (const reference of references) {
    const { variable, secret, vault } = reference;
    const state = states.get(envSetting(version, variable)) ?? 'Unknown';
    if (state === 'Resolved') continue;
    const at = `functions.${target.ref.name}.env.${variable}`;
    const verdict = FINAL[state];
    if (verdict) {
      const told = verdict.says(vaultSecretName(secret), vault);
      throw refusal(target, verdict.code, `${at}: secret "${secret}": ${told}`);
    }
    waiting.push({ ...reference, state });
  }
  const [first] = waiting;
  if (!first) return { done: true };
  const since = Number(keptOf(call)['since'] ?? call.clock.now());
  if (call.clock.now() - since < PATIENCE_MS) {
    return again(call, {
      stage: 'waiting for the vault',
      keep: { since },
      firstMs: 1000,
      longestMs: 15_000,
    });
  }
  throw refusal(
    target,
    'PERMISSION_DENIED',
    `functions.${target.ref.name}.env.${first.variable}: the function may not read the secret "${first.secret}" of the vault "${first.vault}" (${first.state}). Assign the role "Key Vault Secrets User" on the vault to ${target.identityId}, and see that the vault's firewall lets it in.`,
  );
}

/** How Azure's own look at each reference came out, by the name of the app setting. */
async function statesOf(
  azure: AzureClients,
  { siteId }: KnownTarget,
  { signal }: CallContext,
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  const path = `${siteId}/config/configreferences/appsettings`;
  for await (const one of pages(azure, path, API.web, { signal })) {
    states.set(textAt(one, 'name') ?? '', textAt(one, 'properties', 'status') ?? '');
  }
  return states;
}
