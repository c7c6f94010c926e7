import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStorage, type StorageFake } from '../../fakes/gcp/storage/index.ts';
import { makeWorld, type SmallWorld } from '../gcp-fake-pubsub/small-world.ts';

const ZIP = { 'content-type': 'application/zip' };

let small: SmallWorld;
let fake: StorageFake;

beforeEach(async () => {
  small = await makeWorld();
  fake = createStorage(small.world);
  await fake.ready;
});

afterEach(async () => {
  await fake.stop();
  await small.stop();
});

const put = (url: string, options: RequestInit = {}) =>
  fetch(url, { method: 'PUT', headers: ZIP, body: 'zip', ...options });

describe('upload URLs', () => {
  it('take a source, and take it again', async () => {
    const { uploadUrl, bucket, object, generation } = fake.uploadUrl();
    expect(fake.uploaded(bucket, object)).toBeUndefined();
    expect(await put(uploadUrl)).toMatchObject({ status: 200 });
    expect(fake.uploaded(bucket, object, generation)?.toString()).toBe('zip');
    await put(uploadUrl, { body: 'another' });
    expect(fake.uploaded(bucket, object)?.toString()).toBe('another');
    expect(fake.uploaded(bucket, object, '7')).toBeUndefined();
    expect(fake.uploaded(bucket, 'other.zip')).toBeUndefined();
    expect(fake.services[0]?.inventory()).toEqual([]);
  });

  it.each([
    ['another method', { method: 'POST' }],
    ['another type', { headers: { 'content-type': 'application/octet-stream' } }],
    ['no type', { headers: {}, body: new Uint8Array(1) }],
    ['an authorization', { headers: { ...ZIP, authorization: 'Bearer x' } }],
  ])('refuse %s', async (_, options) => {
    const { uploadUrl, bucket, object } = fake.uploadUrl();
    const answer = await put(uploadUrl, options);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(fake.uploaded(bucket, object)).toBeUndefined();
  });

  it('refuse a signature that is not theirs', async () => {
    const { uploadUrl } = fake.uploadUrl();
    expect(await put(`${uploadUrl}0`)).toMatchObject({ status: 403 });
    expect(await put(uploadUrl.split('?')[0] ?? '')).toMatchObject({ status: 403 });
    expect(await put(fake.uploadUrl().uploadUrl)).toMatchObject({ status: 200 });
  });

  it('end after half an hour', async () => {
    const { uploadUrl } = fake.uploadUrl();
    await small.advance(29 * 60_000);
    expect(await put(uploadUrl)).toMatchObject({ status: 200 });
    await small.advance(60_000);
    const answer = await put(uploadUrl);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>ExpiredToken</Code>');
  });
});
