/**
 * References to secrets in app settings.
 * https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#source-app-settings-from-key-vault
 */
export interface SecretReference {
  readonly vault: string;
  readonly name: string;
  /** Empty for the present one. */
  readonly version: string;
}

/**
 * @param vaultPlane where the fake's vaults answer: `http://127.0.0.1:PORT`, with the vault's name as the first segment
 * @returns undefined when the syntax is wrong
 */
export function parseReference(text: string, vaultPlane: string): SecretReference | undefined {
  const inner = /^@Microsoft\.KeyVault\((.*)\)$/i.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const parts = new Map<string, string>();
  for (const pair of inner.split(';')) {
    const [name, value] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(pair)?.slice(1) ?? [];
    if (name !== undefined && value !== undefined) parts.set(name.toLowerCase(), value);
  }
  const uri = parts.get('secreturi');
  if (uri !== undefined) return ofUri(uri, vaultPlane);
  const vault = parts.get('vaultname');
  const name = parts.get('secretname');
  if (!vault || !name) return undefined;
  return { vault, name, version: parts.get('secretversion') ?? '' };
}

function ofUri(uri: string, vaultPlane: string): SecretReference | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  const isHere = url.origin === vaultPlane;
  const host = /^([a-z0-9-]+)\.vault\.azure\.net$/i.exec(url.hostname)?.[1];
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const [vault, kind, name, version = ''] = isHere ? segments : [host, ...segments];
  if (!vault || kind?.toLowerCase() !== 'secrets' || !name) return undefined;
  return { vault, name, version };
}
