/** What the `connection` of a binding leads to, and who asks there. */
import type { Caller, World } from '../core/ports.ts';
import { HostSettings } from './settings.ts';

/** What a `connection` leads to. */
export type Connection =
  /** `AccountName=...;AccountKey=...` or `Endpoint=sb://...;SharedAccessKeyName=...`: names in lower case. */
  | { readonly kind: 'string'; readonly fields: Readonly<Record<string, string>> }
  /**
   * `X__queueServiceUri`, `X__fullyQualifiedNamespace`, `X__accountEndpoint`: names in lower case, without the prefix.
   * `caller` is who asks: the managed identity that `X__clientId` names.
   */
  | {
      readonly kind: 'identity';
      readonly fields: Readonly<Record<string, string>>;
      readonly caller: Caller;
    }
  /** It cannot be used, and why. */
  | { readonly kind: 'none'; readonly problem: string };

/**
 * Resolves a binding's `connection` as the host does: `AzureWebJobs<name>` first, then `<name>`; each as one connection
 * string, or as a section for an identity. Without a name: `AzureWebJobsStorage`.
 */
export function resolveConnection(world: World, siteId: string, name: string): Connection {
  const settings = new HostSettings(world.web.settingsOf(siteId));
  const wanted = name === '' ? 'Storage' : name;
  for (const key of [`AzureWebJobs${wanted}`, wanted, `ConnectionStrings__${wanted}`]) {
    const text = settings.get(key);
    if (text !== undefined && text !== '') return { kind: 'string', fields: fieldsOf(text) };
    const section = settings.section(key);
    if (Object.keys(section).length > 0) return byIdentity(world, siteId, section);
  }
  return {
    kind: 'none',
    problem: `Storage account connection string '${wanted}' does not exist. Make sure that it is a defined App Setting.`,
  };
}

function byIdentity(
  world: World,
  siteId: string,
  fields: Readonly<Record<string, string>>,
): Connection {
  const identities = world.web.identitiesOf(siteId);
  const { clientid, credential } = fields;
  const isManaged = credential?.toLowerCase() === 'managedidentity';
  // Without a client id it is the identity of the system, which knows itself without one.
  const principalId = identities[isManaged ? (clientid ?? '') : ''];
  if (principalId !== undefined) {
    return { kind: 'identity', fields, caller: { kind: 'identity', principalId } };
  }
  return {
    kind: 'none',
    problem: `ManagedIdentityCredential authentication failed: Unable to load the proper Managed Identity (credential '${credential ?? ''}', client id '${clientid ?? ''}').`,
  };
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split(';')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const)
      .filter(([key]) => key.trim() !== '')
      .map(([key, value]) => [key.trim().toLowerCase(), value.trim()]),
  );
}
