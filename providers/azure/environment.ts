/** The environment of a function: what users declare, as app settings of its version. */
import type { SecretRef, SpecIssue } from 'polyfaas/spi';
import { envSetting } from './manifest.ts';
import { nameOfId } from './names.ts';
import type { FunctionSettings } from './options.ts';

type DeclaredEnv = Readonly<Record<string, string | SecretRef>>;

/** App Service documentation, "app settings": names on Linux are those of variables of the shell. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** "Environment variables and app settings in Azure App Service": what the platform sets by itself, or acts on. */
const RESERVED =
  /^(?:WEBSITE_.*|FUNCTIONS_.*|AzureWebJobs.*|AzureFunctions.*|APPSETTING_.*|IDENTITY_(?:ENDPOINT|HEADER)|MSI_(?:ENDPOINT|SECRET)|CONTAINER_NAME|HOME|PATH|PORT|NODE_OPTIONS|WEBSITES_.*|SCM_.*|DOTNET_.*|ASPNETCORE_.*)$/i;
/** Key Vault: 1 to 127 of letters, digits and dashes. */
const SECRET = /^[A-Za-z0-9-]{1,127}$/;

/** The settings of one version: its variables under names of their own. */
export function versionSettings(
  version: string,
  env: DeclaredEnv,
  keyVault: string | null,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      envSetting(version, name),
      typeof value === 'string' ? value : reference(keyVault ?? '', value),
    ]),
  );
}

/** `@Microsoft.KeyVault(VaultName=...;SecretName=...)`, or with a URI when the vault was given as one. */
function reference(keyVault: string, { $secret, version }: SecretRef): string {
  const secret = vaultSecretName($secret);
  if (keyVault.startsWith('https:')) {
    const base = `${keyVault.replace(/\/+$/, '')}/secrets/${secret}`;
    return `@Microsoft.KeyVault(SecretUri=${version === undefined ? base : `${base}/${version}`})`;
  }
  const of = version === undefined ? '' : `;SecretVersion=${version}`;
  return `@Microsoft.KeyVault(VaultName=${nameOfId(keyVault)};SecretName=${secret}${of})`;
}

/** What a value of an app setting refers to; undefined for a value that is none of the two forms of a reference. */
export function referenceIn(
  value: string,
): { readonly vault: string; readonly secret: string } | undefined {
  const inner = /^@Microsoft\.KeyVault\((.*)\)$/i.exec(value.trim())?.[1];
  if (inner === undefined) return undefined;
  const [, uriVault, uriSecret] =
    /SecretUri=https:\/\/([^./;]+)\.[^/;]*\/secrets\/([^/;]+)/i.exec(inner) ?? [];
  return {
    vault: uriVault ?? /VaultName=([^;]+)/i.exec(inner)?.[1] ?? '',
    secret: uriSecret ?? /SecretName=([^;]+)/i.exec(inner)?.[1] ?? '',
  };
}

/** Key Vault takes letters, digits and dashes: of `orders/db` it is `orders-db`. */
export function vaultSecretName(name: string): string {
  return name.replaceAll(/[/_.]/g, '-');
}

export interface SecretUse {
  /** The variable that holds it. */
  readonly variable: string;
  readonly secret: string;
}

/** The secrets that an environment refers to, by variable. */
export function secretsOf(env: DeclaredEnv): readonly SecretUse[] {
  return Object.entries(env)
    .flatMap(([variable, value]) =>
      typeof value === 'string' ? [] : [{ variable, secret: value.$secret }],
    )
    .toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
}

/** What Azure would refuse, or change. */
export function environmentIssues(
  name: string,
  env: DeclaredEnv,
  settings: Pick<FunctionSettings, 'keyVault'>,
): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(env)) {
    const path = `functions.${name}.env.${key}`;
    const other = seen.get(key.toUpperCase());
    if (other !== undefined) {
      issues.push({
        path,
        message: `"${key}" and "${other}" differ in their case only, and app settings are the same whatever their case. Rename one of them.`,
      });
    }
    seen.set(key.toUpperCase(), key);
    const problem = nameProblem(key) ?? valueProblem(value);
    if (problem !== undefined) issues.push({ path, message: problem });
  }
  const uses = secretsOf(env);
  const [first] = uses;
  if (first && settings.keyVault === null) {
    issues.push({
      path: `functions.${name}.env.${first.variable}`,
      message: `the secret "${first.secret}" needs a vault. Name it in providerOptions.azure.keyVault: its name, its URI, or its resource id.`,
    });
  }
  return [...issues, ...collisions(name, uses)];
}

function nameProblem(key: string): string | undefined {
  if (key.toUpperCase().startsWith('POLYFAAS_')) {
    return 'names that begin with POLYFAAS_ are reserved. Choose another name.';
  }
  if (!NAME.test(key)) {
    return `"${key}" is no name for an app setting. Use letters, digits and "_", with no digit in front.`;
  }
  if (RESERVED.test(key)) {
    return `"${key}" is set or acted on by Azure itself. Choose another name.`;
  }
  return undefined;
}

function valueProblem(value: string | SecretRef): string | undefined {
  if (typeof value === 'string') {
    return /^\s*@Microsoft\.(?:KeyVault|AppConfiguration)\(/i.test(value)
      ? 'Azure takes this value for a reference of its own. Declare a secret with secret("name").'
      : undefined;
  }
  if (SECRET.test(vaultSecretName(value.$secret))) return undefined;
  return `"${value.$secret}" is no name for Key Vault: 1 to 127 letters, digits and dashes; "/", "_" and "." become dashes.`;
}

/** Two names of secrets that come out the same in Key Vault. */
function collisions(name: string, uses: readonly SecretUse[]): readonly SpecIssue[] {
  const byName = new Map<string, string>();
  return uses.flatMap(({ variable, secret }) => {
    const vaultName = vaultSecretName(secret).toLowerCase();
    const other = byName.get(vaultName);
    byName.set(vaultName, secret);
    return other === undefined || other === secret
      ? []
      : [
          {
            path: `functions.${name}.env.${variable}`,
            message: `"${secret}" and "${other}" are both "${vaultSecretName(secret)}" in Key Vault. Rename one of them.`,
          },
        ];
  });
}
