/** Who may do what with blobs. */
import type { World } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import { checkToken, type Address } from '../address.ts';
import { permissionMismatch, StorageFault } from '../fault.ts';
import { BLOB_ROLES, containerScope } from '../roles.ts';
import type { Signers } from './delegation.ts';
import { readSas } from './sas.ts';

/** What an operation needs: of a role, and of a signature. */
export type BlobAction = 'read' | 'write' | 'delete' | 'list' | 'container';

/** Letters of `sp`, empty: nothing but a token reaches containers themselves. */
const LETTERS: Readonly<Record<BlobAction, string>> = {
  read: 'r',
  write: 'w',
  delete: 'd',
  list: 'l',
  container: '',
};

/**
 * Throws the fault that the service would answer with when the request may not do this.
 * @param makes a blob that is not there yet: `c` of a signature is enough.
 */
export function authorize(
  world: World,
  signers: Signers,
  request: PlaneRequest,
  address: Address,
  action: BlobAction,
  makes = false,
): void {
  const { account, child: container, rest: blob, query } = address;
  const scope = container === undefined ? account.id : containerScope(account.id, container);
  const roles = action === 'read' || action === 'list' ? BLOB_ROLES.read : BLOB_ROLES.write;
  if (checkToken(world, request)) {
    if (request.caller && world.roles.allows(request.caller, scope, roles)) return;
    throw permissionMismatch();
  }
  if (!query.has('sig')) return anonymous(address, action);
  const grant = readSas(world, signers, { account, container, blob }, query);
  const letters = [LETTERS[action], makes ? 'c' : ''].filter((letter) => letter !== '');
  if (!letters.some((letter) => grant.permissions.includes(letter))) throw permissionMismatch();
  if (grant.signer && !world.roles.allows(grant.signer, scope, roles)) throw permissionMismatch();
}

function anonymous({ account, child, rest }: Address, action: BlobAction): void {
  if (!account.allowsPublicAccess) {
    throw new StorageFault(
      409,
      'PublicAccessNotPermitted',
      'Public access is not permitted on this storage account.',
    );
  }
  const access = account.containers.get(child ?? '')?.publicAccess ?? 'None';
  if (action === 'read' && rest !== undefined && access !== 'None') return;
  if ((action === 'read' || action === 'list') && access === 'Container') return;
  throw new StorageFault(
    401,
    'NoAuthenticationInformation',
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
    { headers: { 'www-authenticate': 'Bearer resource_id=https://storage.azure.com' } },
  );
}
