/** URLs of blobs with a user delegation signature, as the vendor's own client makes them. */
import {
  AnonymousCredential,
  BlobSASPermissions,
  BlobServiceClient,
  newPipeline,
} from '@azure/storage-blob';
import { ACCOUNT, type SmallAzure } from './support.ts';

export async function sasUrl(azure: SmallAzure, container: string, name: string): Promise<string> {
  const { identity, storage, clock } = azure.world;
  const token = identity.issue({ kind: 'deployer', principalId: 'd' }, 'https://storage.azure.com');
  // The vendor's client gives its tokens to https only.
  const pipeline = newPipeline(new AnonymousCredential());
  pipeline.factories.unshift({
    create: (next) => ({
      sendRequest(request) {
        request.headers.set('authorization', `Bearer ${token}`);
        return next.sendRequest(request);
      },
    }),
  });
  const service = new BlobServiceClient(storage.blobEndpoint(ACCOUNT).replace(/\/$/, ''), pipeline);
  const startsOn = new Date(clock.now() - 60_000);
  const expiresOn = new Date(clock.now() + 3_600_000);
  const key = await service.getUserDelegationKey(startsOn, expiresOn);
  return service
    .getContainerClient(container)
    .getBlobClient(name)
    .generateUserDelegationSasUrl(
      { startsOn, expiresOn, permissions: BlobSASPermissions.parse('r') },
      key,
    );
}
