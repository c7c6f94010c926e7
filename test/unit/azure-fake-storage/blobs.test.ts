import type { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountId, DEPLOYER, refusal, Scene } from './support.ts';

let scene: Scene;
let service: BlobServiceClient;

beforeEach(async () => {
  scene = await new Scene().start();
  await scene.account('shopdata', { allowBlobPublicAccess: false });
  service = scene.blobs('shopdata', DEPLOYER);
  await service.getContainerClient('code').create();
});
afterEach(() => scene.stop());

describe('containers over the wire', () => {
  it('are made once, seen, and deleted with what is in them', async () => {
    const code = service.getContainerClient('code');
    expect(await code.exists()).toBe(true);
    expect(await refusal(code.create())).toEqual({ status: 409, code: 'ContainerAlreadyExists' });
    expect((await code.createIfNotExists()).succeeded).toBe(false);
    await code.uploadBlockBlob('a', 'text', 4);
    const names: string[] = [];
    for await (const { name } of service.listContainers()) names.push(name);
    expect(names).toEqual(['code']);
    await code.delete();
    expect(await code.exists()).toBe(false);
    expect(await refusal(code.create())).toEqual({ status: 409, code: 'ContainerBeingDeleted' });
    const missing = code.getBlockBlobClient('a').upload('text', 4);
    expect(await refusal(missing)).toEqual({ status: 404, code: 'ContainerNotFound' });
    const bad = service.getContainerClient('no_good').create();
    expect(await refusal(bad)).toEqual({ status: 400, code: 'InvalidResourceName' });
  });
});

describe('blobs', () => {
  it('are written, described, read and deleted', async () => {
    const blob = service.getContainerClient('code').getBlockBlobClient('versions/ä b.json');
    const text = '{"a":1}';
    await blob.upload(text, text.length, {
      blobHTTPHeaders: { blobContentType: 'application/json' },
      metadata: { version: 'abc', note: 'x=1' },
    });
    expect(await blob.exists()).toBe(true);
    expect(await blob.getProperties()).toMatchObject({
      contentType: 'application/json',
      contentLength: text.length,
      metadata: { version: 'abc', note: 'x=1' },
      blobType: 'BlockBlob',
    });
    expect((await blob.downloadToBuffer()).toString()).toBe(text);
    expect((await blob.downloadToBuffer(1, 3)).toString()).toBe('"a"');
    await blob.setMetadata({ version: 'def' });
    expect((await blob.getProperties()).metadata).toEqual({ version: 'def' });
    await blob.delete();
    expect(await blob.exists()).toBe(false);
    expect(await refusal(blob.delete())).toEqual({ status: 404, code: 'BlobNotFound' });
    expect(await refusal(blob.download())).toEqual({ status: 404, code: 'BlobNotFound' });
  });

  it('are put together from blocks when they are large', async () => {
    const blob = service.getContainerClient('code').getBlockBlobClient('packages/large.zip');
    const body = Buffer.alloc(3_000_000, 'polyfaas');
    const options = { blockSize: 1_000_000, maxSingleShotSize: 500_000 };
    await blob.uploadData(body, options);
    expect((await blob.downloadToBuffer()).equals(body)).toBe(true);
    const unknown = blob.commitBlockList([Buffer.from('none').toString('base64')]);
    expect(await refusal(unknown)).toEqual({ status: 400, code: 'InvalidBlockList' });
  });

  it('are listed by prefix, by pages, and with their metadata', async () => {
    const code = service.getContainerClient('code');
    for (const name of ['a/1', 'a/2', 'a/3', 'b/1']) {
      await code.uploadBlockBlob(name, name, name.length, { metadata: { name } });
    }
    const found: unknown[] = [];
    let pages = 0;
    const list = code.listBlobsFlat({ prefix: 'a/', includeMetadata: true });
    for await (const page of list.byPage({ maxPageSize: 2 })) {
      pages += 1;
      found.push(...page.segment.blobItems.map(({ name, metadata }) => [name, metadata]));
    }
    expect(pages).toBe(2);
    expect(found).toEqual([
      ['a/1', { name: 'a/1' }],
      ['a/2', { name: 'a/2' }],
      ['a/3', { name: 'a/3' }],
    ]);
    const top: string[] = [];
    for await (const item of code.listBlobsByHierarchy('/')) top.push(`${item.kind} ${item.name}`);
    expect(top).toEqual(['prefix a/', 'prefix b/']);
  });

  it('are only written under the conditions that are asked for', async () => {
    const blob = service.getContainerClient('code').getBlockBlobClient('a');
    const onlyNew = { conditions: { ifNoneMatch: '*' } };
    const { etag = '' } = await blob.upload('one', 3, onlyNew);
    expect(await refusal(blob.upload('two', 3, onlyNew))).toEqual({
      status: 409,
      code: 'BlobAlreadyExists',
    });
    await blob.upload('two', 3, { conditions: { ifMatch: etag } });
    expect(await refusal(blob.upload('six', 3, { conditions: { ifMatch: etag } }))).toEqual({
      status: 412,
      code: 'ConditionNotMet',
    });
    expect((await blob.downloadToBuffer()).toString()).toBe('two');
  });

  it('tell who asks to be told of their changes', async () => {
    const changes: string[] = [];
    scene.world.blobs.onChange(({ account, container, name, type, sizeBytes, contentType }) => {
      changes.push(`${type} ${account}/${container}/${name} ${sizeBytes} ${contentType}`);
    });
    const code = service.getContainerClient('code');
    await code.uploadBlockBlob('a', 'one', 3, {
      blobHTTPHeaders: { blobContentType: 'text/plain' },
    });
    await code.getBlockBlobClient('b').uploadData(Buffer.alloc(10), {
      maxSingleShotSize: 1,
      blockSize: 5,
    });
    await code.deleteBlob('a');
    scene.world.blobs.put('shopdata', 'code', 'c', Buffer.from('x'), 'text/html');
    expect(changes).toEqual([
      'created shopdata/code/a 3 text/plain',
      'created shopdata/code/b 10 application/octet-stream',
      'deleted shopdata/code/a 3 text/plain',
      'created shopdata/code/c 1 text/html',
    ]);
  });
});

describe('who may reach blobs', () => {
  const worker = { kind: 'identity', principalId: 'worker' } as const;
  const READER = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1';
  const CONTRIBUTOR = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';
  const scope = `${accountId('shopdata')}/blobServices/default/containers/code`;

  it('is said by roles', async () => {
    const code = scene.blobs('shopdata', worker).getContainerClient('code');
    const denied = { status: 403, code: 'AuthorizationPermissionMismatch' };
    await service.getContainerClient('code').uploadBlockBlob('a', 'one', 3);
    expect(await refusal(code.getBlobClient('a').download())).toEqual(denied);
    scene.grant('worker', READER, scope);
    expect((await code.getBlobClient('a').downloadToBuffer()).toString()).toBe('one');
    expect(await refusal(code.uploadBlockBlob('b', 'two', 3))).toEqual(denied);
    scene.grant('worker', CONTRIBUTOR, scope);
    await code.uploadBlockBlob('b', 'two', 3);
    expect(scene.world.blobs.get('shopdata', 'code', 'b')?.toString()).toBe('two');
  });

  it('is nobody without a token, or with a bad one', async () => {
    const open = scene.blobs('shopdata').getContainerClient('code');
    expect(await refusal(open.getBlobClient('a').download())).toEqual({
      status: 409,
      code: 'PublicAccessNotPermitted',
    });
    const headers = { authorization: 'Bearer nonsense', 'x-ms-version': '2025-05-05' };
    const url = `${scene.world.planes.blob}/shopdata/code/a`;
    const reply = await fetch(url, { headers });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('x-ms-error-code')).toBe('InvalidAuthenticationInfo');
    expect(await reply.text()).toContain('<Code>InvalidAuthenticationInfo</Code>');
    expect((await fetch(`${scene.world.planes.blob}/nobody/code/a`)).status).toBe(404);
  });
});
