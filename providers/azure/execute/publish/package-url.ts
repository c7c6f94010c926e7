/** Where Azure takes a package from. */
import type { CallContext } from 'polyfaas/spi';
import type { AzureClients } from '../../clients/index.ts';
import { loadSdk } from '../../clients/load-sdk.ts';
import { storageIdOf } from '../../names.ts';
import { CONTAINER, packageBlob } from '../../package/note.ts';
import { storageEndpoints } from '../../package/storage.ts';
import type { KnownTarget } from '../../step-input.ts';

/** Clocks may be apart. */
const BEFORE_MS = 900_000;
/** Azure reads the package within seconds. */
const AFTER_MS = 3_600_000;

/** For whoever has a role on it. */
export async function packageUrl(
  azure: AzureClients,
  target: KnownTarget,
  packageDigest: string,
  { signal }: CallContext,
): Promise<string> {
  const { blob } = await storageEndpoints(azure, storageIdOf(target), signal);
  return `${blob.replace(/\/+$/, '')}/${CONTAINER}/${packageBlob(packageDigest)}`;
}

/** Who has this URL may read this one package for an hour; it is signed in the deployer's own name. */
export async function signedPackageUrl(
  azure: AzureClients,
  target: KnownTarget,
  packageDigest: string,
  { clock, signal }: CallContext,
): Promise<string> {
  const { blob } = await storageEndpoints(azure, storageIdOf(target), signal);
  const service = await azure.blobs(blob);
  const sdk = await loadSdk('@azure/storage-blob', import('@azure/storage-blob'));
  const startsOn = new Date(clock.now() - BEFORE_MS);
  const expiresOn = new Date(clock.now() + AFTER_MS);
  const key = await service.getUserDelegationKey(startsOn, expiresOn, { abortSignal: signal });
  const blobName = packageBlob(packageDigest);
  const sas = sdk.generateBlobSASQueryParameters(
    {
      containerName: CONTAINER,
      blobName,
      permissions: sdk.BlobSASPermissions.parse('r'),
      startsOn,
      expiresOn,
      ...(azure.scheme === 'https:' ? { protocol: sdk.SASProtocol.Https } : {}),
    },
    key,
    service.accountName,
  );
  const { url } = service.getContainerClient(CONTAINER).getBlobClient(blobName);
  return `${url}?${sas.toString()}`;
}
