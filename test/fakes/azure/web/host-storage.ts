/** The storage account that a host keeps its keys, locks and host id in. */
import { locateBlob, accountOf, BLOB_WRITERS } from './storage-access.ts';
import { fullName, identitiesOf, type AppState, type WebState } from './state.ts';

const MISSING =
  "Secret initialization from Blob storage failed due to missing both an Azure Storage connection string and a SAS connection uri. For Blob Storage, please provide at least one of these. If you intend to use files for secrets, add an App Setting key 'AzureWebJobsSecretStorageType' with value 'Files'.";
const DENIED =
  'Azure.RequestFailedException: This request is not authorized to perform this operation using this permission. Status: 403 (This request is not authorized to perform this operation using this permission.) ErrorCode: AuthorizationPermissionMismatch';
const HOST_ID_LENGTH = 32;

/**
 * Why a host cannot start with its storage; empty when it can. Claims the host id.
 * `isReached`: the keys can be kept there, even when something else is wrong.
 */
export function storageProblems(
  state: WebState,
  app: AppState,
  settings: Readonly<Record<string, string>>,
): { readonly isReached: boolean; readonly problems: readonly string[] } {
  const account = storageOf(state, app, settings);
  if ('problem' in account) return { isReached: false, problems: [account.problem] };
  return { isReached: true, problems: claimHostId(state, app, account.name, settings) };
}

type Found = { readonly name: string } | { readonly problem: string };

function storageOf(
  state: WebState,
  app: AppState,
  settings: Readonly<Record<string, string>>,
): Found {
  const { world } = state;
  const connection = settings['AzureWebJobsStorage'] ?? '';
  if (connection !== '') {
    const name = accountOf(world, connection);
    return name === undefined ? { problem: DENIED } : { name };
  }
  const setting = (name: string): string => settings[`AzureWebJobsStorage__${name}`] ?? '';
  const uri = setting('blobServiceUri') || setting('serviceUri');
  const name =
    setting('accountName') || locateBlob(world, `${uri.replace(/\/$/, '')}/-`)?.account || '';
  const id = name === '' ? undefined : world.storage.idOf(name);
  if (id === undefined) return { problem: MISSING };
  const isManaged = setting('credential').toLowerCase() === 'managedidentity';
  const principalId = identitiesOf(state, app)[isManaged ? setting('clientId') : ''];
  if (principalId === undefined) {
    return {
      problem:
        'Azure.Identity.CredentialUnavailableException: ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to this resource.',
    };
  }
  const caller = { kind: 'identity', principalId } as const;
  return world.roles.allows(caller, id, BLOB_WRITERS) ? { name } : { problem: DENIED };
}

/** Two sites with one host id in one account would take each other's locks. */
function claimHostId(
  state: WebState,
  app: AppState,
  account: string,
  settings: Readonly<Record<string, string>>,
): readonly string[] {
  const hostId =
    settings['AzureFunctionsWebHost__hostid'] ??
    fullName(app).toLowerCase().slice(0, HOST_ID_LENGTH).replace(/-+$/, '');
  const key = `${account}/${hostId}`;
  const owner = state.app(state.hostIds.get(key) ?? '');
  if (owner && owner !== app) {
    return [
      `A collision for Host ID '${hostId}' was detected in the configured storage account. For more information, see https://aka.ms/functions-hostid-collision.`,
    ];
  }
  state.hostIds.set(key, app.id);
  return [];
}
