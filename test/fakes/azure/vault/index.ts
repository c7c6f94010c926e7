/** Azure Key Vault: vaults, their secrets, and references to them. */
import type { ArmProvider, VaultPort, WireReply, World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import { mayUseSecret } from './access.ts';
import { VaultPlane } from './data-plane.ts';
import { VaultManagement } from './management.ts';
import { parseReference } from './reference.ts';
import { findSecret, setSecret, Vaults } from './store.ts';

export interface VaultPart extends VaultPort {
  readonly provider: ArmProvider;
  handle(request: PlaneRequest): Promise<WireReply>;
}

type VaultWorld = Pick<
  World,
  'clock' | 'subscriptionId' | 'tenantId' | 'location' | 'planes' | 'roles'
>;

/** @param ensureGroup makes the group that vaults of `set` are in */
export function createVault(world: VaultWorld, ensureGroup: (name: string) => void): VaultPart {
  const { clock, subscriptionId, tenantId, location } = world;
  const vaults = new Vaults();
  const plane = world.planes.vault;
  const data = new VaultPlane(vaults, { clock, tenantId, roles: world.roles, plane });

  return {
    provider: new VaultManagement(vaults, { tenantId, plane }),
    handle: async (request) => data.handle(request),
    /** Makes the vault when there is none: with roles, in the group `vaults`. */
    set(vaultName, name, value) {
      const vault = vaults.get(vaultName) ?? make(vaultName);
      setSecret(vault, name, value, { now: clock.now() });
    },
    resolve(reference, caller) {
      const wanted = parseReference(reference, plane);
      if (!wanted) return { status: 'InvalidSyntax' };
      const vault = vaults.get(wanted.vault);
      if (!vault) return { status: 'VaultNotFound' };
      if (!mayUseSecret(world.roles, caller, vault, wanted.name, 'get')) {
        return { status: 'AccessToKeyVaultDenied' };
      }
      const found = findSecret(vault, wanted.name, wanted.version);
      if (found) return { value: found.value };
      const isThere = findSecret(vault, wanted.name, undefined) !== undefined;
      return { status: isThere ? 'SecretVersionNotFound' : 'SecretNotFound' };
    },
  };

  function make(name: string): ReturnType<Vaults['add']> {
    const resourceGroup = 'vaults';
    ensureGroup(resourceGroup);
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
    return vaults.add({
      name,
      id: `${group}/providers/Microsoft.KeyVault/vaults/${name}`,
      resourceGroup,
      location,
      properties: {
        tenantId,
        sku: { family: 'A', name: 'standard' },
        enableRbacAuthorization: true,
      },
      tags: {},
    });
  }
}
