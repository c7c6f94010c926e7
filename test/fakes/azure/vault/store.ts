/** Vaults, and the secrets in them. */
import { guidOf } from '../core/guid.ts';
import type { Tags } from '../core/tags.ts';

export interface SecretVersion {
  /** 32 hex digits. */
  readonly version: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly createdAt: number;
}

export interface Vault {
  readonly name: string;
  readonly id: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** As it was wished: the SKU, access policies, and the like. */
  properties: Readonly<Record<string, unknown>>;
  tags: Tags;
  /** Oldest version first. */
  readonly secrets: Map<string, { readonly name: string; readonly versions: SecretVersion[] }>;
}

export class Vaults {
  readonly #vaults = new Map<string, Vault>();

  get all(): readonly Vault[] {
    return [...this.#vaults.values()];
  }

  get(name: string): Vault | undefined {
    return this.#vaults.get(name.toLowerCase());
  }

  byId(id: string): Vault | undefined {
    return this.all.find((vault) => vault.id.toLowerCase() === id.toLowerCase());
  }

  in(resourceGroup: string): readonly Vault[] {
    const wanted = resourceGroup.toLowerCase();
    return this.all.filter((vault) => vault.resourceGroup.toLowerCase() === wanted);
  }

  add(vault: Omit<Vault, 'secrets'>): Vault {
    const added = { ...vault, secrets: new Map() };
    this.#vaults.set(vault.name.toLowerCase(), added);
    return added;
  }

  delete(vault: Vault): void {
    this.#vaults.delete(vault.name.toLowerCase());
  }
}

/** Adds a version, which is the present one from then on. */
export function setSecret(
  vault: Vault,
  name: string,
  value: string,
  about: { readonly now: number; readonly contentType?: string | undefined },
): SecretVersion {
  const key = name.toLowerCase();
  const secret = vault.secrets.get(key) ?? { name, versions: [] };
  vault.secrets.set(key, secret);
  const seed = `${vault.id}/secrets/${key}/${secret.versions.length} ${about.now}`;
  const made: SecretVersion = {
    version: guidOf(seed).replaceAll('-', ''),
    value,
    contentType: about.contentType,
    createdAt: about.now,
  };
  secret.versions.push(made);
  return made;
}

/** The present version of a secret, or the one that is asked for. */
export function findSecret(vault: Vault, name: string, version = ''): SecretVersion | undefined {
  const versions = vault.secrets.get(name.toLowerCase())?.versions ?? [];
  return version === ''
    ? versions.at(-1)
    : versions.find((one) => one.version === version.toLowerCase());
}
