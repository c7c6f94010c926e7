import {
  BlobSASPermissions,
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../fakes/azure/core/ports.ts';
import { accountId, DEPLOYER, refusal, Scene } from './support.ts';

let scene: Scene;
const READER = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1';
const NAME = 'packages/abc.zip';
const HOUR = 3_600_000;

beforeEach(async () => {
  scene = await new Scene().start();
  await scene.account('shopdata');
  const code = scene.blobs('shopdata', DEPLOYER).getContainerClient('code');
  await code.create();
  await code.uploadBlockBlob(NAME, 'zip', 3);
});
afterEach(() => scene.stop());

const inside = (ms: number): Date => new Date(scene.clock.now() + ms);

async function delegated(caller: Caller, permissions: string, lifeMs = HOUR): Promise<string> {
  const service = scene.blobs('shopdata', caller);
  const key = await service.getUserDelegationKey(inside(-60_000), inside(2 * HOUR));
  const blob = service.getContainerClient('code').getBlobClient(NAME);
  return blob.generateUserDelegationSasUrl(
    {
      permissions: BlobSASPermissions.parse(permissions),
      startsOn: inside(-60_000),
      expiresOn: inside(lifeMs),
    },
    key,
  );
}

async function read(url: string): Promise<string> {
  const reply = await fetch(url);
  return reply.ok ? reply.text() : `${reply.status} ${reply.headers.get('x-ms-error-code')}`;
}

describe('a user delegation signature', () => {
  it('opens one blob for its time', async () => {
    const url = await delegated(DEPLOYER, 'r');
    expect(await read(url)).toBe('zip');
    expect(scene.world.blobs.readBySas(url)?.toString()).toBe('zip');
    expect(await read(url.replace('abc.zip', 'other.zip'))).toBe('403 AuthenticationFailed');
    expect(await read(url.replace(/sig=[^&]{4}/, 'sig=AAAA'))).toBe('403 AuthenticationFailed');
    expect(await read(url.replace('sp=r', 'sp=rw'))).toBe('403 AuthenticationFailed');
    const write = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    });
    expect(write.headers.get('x-ms-error-code')).toBe('AuthorizationPermissionMismatch');
    await scene.clock.advance(HOUR);
    expect(await read(url)).toBe('403 AuthenticationFailed');
    expect(scene.world.blobs.readBySas(url)).toBeUndefined();
  });

  it('allows no more than its signer may do himself', async () => {
    const worker: Caller = { kind: 'identity', principalId: 'worker' };
    expect(await refusal(delegated(worker, 'r'))).toEqual({
      status: 403,
      code: 'AuthorizationPermissionMismatch',
    });
    scene.grant('worker', READER, accountId('shopdata'));
    const url = await delegated(worker, 'rw');
    expect(await read(url)).toBe('zip');
    const write = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    });
    expect(write.status).toBe(403);
    scene.grants.clear();
    expect(await read(url)).toBe('403 AuthorizationPermissionMismatch');
  });

  it('needs a key that lasts seven days at most', async () => {
    const service = scene.blobs('shopdata', DEPLOYER);
    const key = service.getUserDelegationKey(inside(0), inside(8 * 24 * HOUR));
    expect(await refusal(key)).toEqual({ status: 400, code: 'InvalidXmlNodeValue' });
  });
});

describe('a signature with the key of the account', () => {
  it('opens a blob or a container', async () => {
    const key = scene.world.storage.keyOf('shopdata');
    const credential = new StorageSharedKeyCredential('shopdata', key);
    const sas = generateBlobSASQueryParameters(
      {
        containerName: 'code',
        permissions: ContainerSASPermissions.parse('rcl'),
        expiresOn: inside(HOUR),
      },
      credential,
    ).toString();
    const code = new BlobServiceClient(
      `${scene.world.planes.blob}/shopdata?${sas}`,
    ).getContainerClient('code');
    const names: string[] = [];
    for await (const { name } of code.listBlobsFlat()) names.push(name);
    expect(names).toEqual([NAME]);
    await code.uploadBlockBlob('new', 'text', 4);
    const again = code.uploadBlockBlob('new', 'text', 4);
    expect(await refusal(again)).toEqual({ status: 403, code: 'AuthorizationPermissionMismatch' });
    const gone = code.deleteBlob(NAME);
    expect(await refusal(gone)).toEqual({ status: 403, code: 'AuthorizationPermissionMismatch' });
  });

  it('is refused where the account allows no keys', async () => {
    await scene.account('nokeys', { allowSharedKeyAccess: false });
    await scene.blobs('nokeys', DEPLOYER).getContainerClient('code').create();
    const credential = new StorageSharedKeyCredential(
      'nokeys',
      scene.world.storage.keyOf('nokeys'),
    );
    const sas = generateBlobSASQueryParameters(
      {
        containerName: 'code',
        blobName: 'a',
        permissions: BlobSASPermissions.parse('r'),
        expiresOn: inside(HOUR),
      },
      credential,
    ).toString();
    expect(await read(`${scene.world.planes.blob}/nokeys/code/a?${sas}`)).toBe(
      '403 KeyBasedAuthenticationNotPermitted',
    );
  });
});
