/** Who may do what with secrets. */
import { at, textOf } from '../core/json.ts';
import type { Caller, RolesPort } from '../core/ports.ts';
import type { Vault } from './store.ts';

export type SecretAction = 'get' | 'list' | 'set' | 'delete';

const ADMINISTRATOR = '00482a5a-887f-4fb3-b363-3b7fe8e74483';
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const USER = '4633458b-17de-408a-b874-0445c86b69e6';

export function mayUseSecret(
  roles: RolesPort,
  caller: Caller,
  vault: Vault,
  name: string,
  action: SecretAction,
): boolean {
  if (caller.kind !== 'identity') return true;
  if (vault.properties['enableRbacAuthorization'] !== true) {
    return hasPolicy(vault, caller.principalId, action);
  }
  const isRead = action === 'get' || action === 'list';
  const scope = name === '' ? vault.id : `${vault.id}/secrets/${name}`;
  return roles.allows(caller, scope, [ADMINISTRATOR, OFFICER, ...(isRead ? [USER] : [])]);
}

/** The older way: policies in the vault itself. */
function hasPolicy(vault: Vault, principalId: string, action: SecretAction): boolean {
  const policies = vault.properties['accessPolicies'];
  if (!Array.isArray(policies)) return false;
  return policies.some((policy: unknown) => {
    if (textOf(at(policy, 'objectId')).toLowerCase() !== principalId) return false;
    const secrets = at(policy, 'permissions', 'secrets');
    const allowed = Array.isArray(secrets) ? secrets.map((one) => textOf(one).toLowerCase()) : [];
    return allowed.includes(action) || allowed.includes('all');
  });
}
