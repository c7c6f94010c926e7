import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountId, GROUP, Scene, SUBSCRIPTION } from './support.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await new Scene().start();
});
afterEach(() => scene.stop());

const WISH = {
  location: 'westeurope',
  sku: { name: 'Standard_LRS' },
  kind: 'StorageV2',
  tags: { team: 'blue' },
  properties: { allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2' },
};

describe('a storage account', () => {
  it('takes a while to be made, and then tells where it answers', async () => {
    expect((await scene.arm('PUT', accountId('shopdata'), WISH)).status).toBe(202);
    expect(scene.world.storage.idOf('shopdata')).toBeUndefined();
    expect((await scene.arm('GET', accountId('shopdata'))).body).toMatchObject({
      properties: { provisioningState: 'Creating' },
    });
    expect(await scene.arm('POST', `${accountId('shopdata')}/listKeys`)).toMatchObject({
      status: 409,
      code: 'StorageAccountIsNotProvisioned',
    });
    expect(await scene.arm('PUT', accountId('shopdata'), WISH)).toMatchObject({
      status: 409,
      code: 'StorageAccountOperationInProgress',
    });
    await scene.clock.advance(15_000);
    const { blob, queue } = scene.world.planes;
    expect((await scene.arm('GET', accountId('shopdata'))).body).toMatchObject({
      id: accountId('shopdata'),
      tags: { team: 'blue' },
      sku: { name: 'Standard_LRS', tier: 'Standard' },
      properties: {
        provisioningState: 'Succeeded',
        primaryEndpoints: { blob: `${blob}/shopdata/`, queue: `${queue}/shopdata/` },
      },
    });
    expect((await scene.arm('PUT', accountId('shopdata'), WISH)).status).toBe(200);
    expect(scene.world.storage.idOf('shopdata')).toBe(accountId('shopdata'));
    expect((await scene.arm('POST', `${accountId('shopdata')}/listKeys`)).body).toMatchObject({
      keys: [{ keyName: 'key1', value: scene.world.storage.keyOf('shopdata') }, {}],
    });
  });

  it('has a name that is good, and free in the whole world', async () => {
    const check = async (name: string): Promise<unknown> => {
      const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability`;
      const type = 'Microsoft.Storage/storageAccounts';
      return (await scene.arm('POST', path, { name, type })).body;
    };
    scene.storage.plantForeign('taken');
    await scene.account('shopdata');
    expect(await check('free')).toEqual({ nameAvailable: true });
    expect(await check('taken')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
    expect(await check('shopdata')).toMatchObject({ reason: 'AlreadyExists' });
    expect(await check('No-good')).toMatchObject({ reason: 'AccountNameInvalid' });
    expect(await scene.arm('PUT', accountId('taken'), WISH)).toMatchObject({
      status: 409,
      code: 'StorageAccountAlreadyTaken',
    });
    expect(await scene.arm('PUT', accountId('No-good'), WISH)).toMatchObject({
      status: 400,
      code: 'AccountNameInvalid',
    });
    const elsewhere = accountId('shopdata').replace('/shop/', '/other/');
    expect(await scene.arm('PUT', elsewhere, WISH)).toMatchObject({
      code: 'StorageAccountInAnotherResourceGroup',
    });
  });

  it('refuses what is missing, unknown, or cannot change', async () => {
    const refused = async (wish: object): Promise<unknown> =>
      (await scene.arm('PUT', accountId('other'), wish)).code;
    expect(await refused({ ...WISH, location: undefined })).toBe('LocationRequired');
    expect(await refused({ ...WISH, sku: { name: 'Cheap' } })).toBe(
      'InvalidValuesForRequestParameters',
    );
    expect(await refused({ ...WISH, kind: undefined })).toBe('InvalidValuesForRequestParameters');
    expect(await scene.arm('PUT', accountId('other'), WISH, '2015-06-15')).toMatchObject({
      code: 'NoRegisteredProviderFound',
    });
    await scene.account('shopdata');
    const moved = { ...WISH, location: 'northeurope' };
    expect(await scene.arm('PUT', accountId('shopdata'), moved)).toMatchObject({
      status: 409,
      code: 'InvalidResourceLocation',
    });
    expect((await scene.arm('GET', accountId('missing'))).code).toBe('ResourceNotFound');
    const child = `${accountId('missing')}/queueServices/default/queues/jobs`;
    expect((await scene.arm('PUT', child, {})).code).toBe('ResourceNotFound');
    expect((await scene.arm('GET', `${accountId('shopdata')}/nothing`)).code).toBe(
      'InvalidResourceType',
    );
  });

  it('takes all that is in it along', async () => {
    await scene.account('shopdata');
    const id = accountId('shopdata');
    await scene.arm('PUT', `${id}/blobServices/default/containers/polyfaas`, {});
    await scene.arm('PUT', `${id}/queueServices/default/queues/jobs`, {});
    scene.world.blobs.put('shopdata', 'polyfaas', 'artifacts/a.zip', Buffer.from('a'));
    scene.world.blobs.put('shopdata', 'polyfaas', 'elsewhere/b', Buffer.from('b'));
    expect(scene.storage.provider.inventory()).toEqual([
      'storage account shopdata',
      'storage container shopdata/polyfaas',
      'storage blob shopdata/polyfaas/artifacts/a.zip',
      'storage queue shopdata/jobs',
    ]);
    expect(scene.storage.provider.resourcesIn('SHOP')).toEqual([id]);
    scene.storage.provider.setTags(id, { team: 'red' });
    expect(scene.storage.provider.tags(id.toUpperCase())).toEqual({ team: 'red' });
    expect((await scene.arm('DELETE', id)).status).toBe(200);
    expect((await scene.arm('DELETE', id)).status).toBe(204);
    expect(scene.storage.provider.inventory()).toEqual([]);
    const path = `${GROUP}/providers/Microsoft.Storage/storageAccounts`;
    expect((await scene.arm('GET', path)).body).toEqual({ value: [] });
  });
});

describe('containers and queues in Resource Manager', () => {
  beforeEach(() => scene.account('shopdata'));
  const container = (name: string): string =>
    `${accountId('shopdata')}/blobServices/default/containers/${name}`;
  const queue = (name: string): string =>
    `${accountId('shopdata')}/queueServices/default/queues/${name}`;

  it('are made, read, listed and deleted', async () => {
    expect((await scene.arm('PUT', container('code'), {})).status).toBe(201);
    expect((await scene.arm('PUT', container('code'), {})).status).toBe(200);
    expect((await scene.arm('GET', container('code'))).body).toMatchObject({
      name: 'code',
      properties: { publicAccess: 'None' },
    });
    expect((await scene.arm('DELETE', container('code'))).status).toBe(200);
    expect((await scene.arm('DELETE', container('code'))).status).toBe(204);
    expect((await scene.arm('GET', container('code'))).code).toBe('ContainerNotFound');
    const metadata = { for: 'orders' };
    expect((await scene.arm('PUT', queue('jobs'), { properties: { metadata } })).status).toBe(200);
    expect((await scene.arm('GET', queue('jobs'))).body).toMatchObject({
      properties: { metadata },
    });
    expect((await scene.arm('GET', queue('jobs').replace('/jobs', ''))).body).toMatchObject({
      value: [{ id: queue('jobs') }],
    });
    expect((await scene.arm('DELETE', queue('jobs'))).status).toBe(204);
    expect((await scene.arm('GET', queue('jobs'))).code).toBe('QueueNotFound');
  });

  it('have good names, which are not free again at once', async () => {
    for (const name of ['ab', 'Upper', '-a-b', 'a--b', 'a_b', 'x'.repeat(64)]) {
      expect((await scene.arm('PUT', container(name), {})).status).toBe(400);
      expect((await scene.arm('PUT', queue(name), {})).status).toBe(400);
    }
    await scene.arm('PUT', container('code'), {});
    await scene.arm('PUT', queue('jobs'), {});
    await scene.arm('DELETE', container('code'));
    await scene.arm('DELETE', queue('jobs'));
    expect((await scene.arm('PUT', container('code'), {})).code).toBe('ContainerBeingDeleted');
    expect((await scene.arm('PUT', queue('jobs'), {})).code).toBe('QueueBeingDeleted');
    await scene.clock.advance(30_000);
    expect((await scene.arm('PUT', container('code'), {})).status).toBe(201);
    expect((await scene.arm('PUT', queue('jobs'), {})).status).toBe(200);
    const open = { properties: { publicAccess: 'Blob' } };
    expect((await scene.arm('PUT', container('code'), open)).code).toBe('PublicAccessNotPermitted');
  });
});
