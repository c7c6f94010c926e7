import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStorage, type StorageFake } from '../../fakes/gcp/storage/index.ts';
import {
  accountCaller,
  makeWorld,
  NUMBER,
  PROJECT,
  sender,
  type Send,
  type Sent,
  type SmallWorld,
} from '../gcp-fake-pubsub/small-world.ts';

const AGENT = `service-${NUMBER}@gs-project-accounts.iam.gserviceaccount.com`;
const CALLER = accountCaller('main');
const BUCKETS = '/storage/v1/b';
const BUCKET = `${BUCKETS}/shop-files`;

let small: SmallWorld;
let fake: StorageFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
  small.accounts.add(CALLER.email);
  fake = createStorage(small.world);
  small.use({ storage: fake });
  send = sender('storage', fake.services);
});

afterEach(async () => {
  await fake.stop();
  await small.stop();
});

const insert = (body: object = {}, query: Record<string, string> = { project: PROJECT }) =>
  send('POST', BUCKETS, { body: { name: 'shop-files', ...body }, query });
const inventory = () => fake.services.flatMap((service) => service.inventory());

/** `404 notFound Why` */
function refusal({ status, body }: Sent): string {
  const { error } = JSON.parse(JSON.stringify(body));
  expect(error.code).toBe(status);
  expect(error.errors).toEqual([
    { message: error.message, domain: 'global', reason: expect.any(String) },
  ]);
  return `${status} ${error.errors[0].reason} ${error.message}`;
}

describe('buckets', () => {
  it('are made, read, listed, changed and deleted', async () => {
    const { status, body } = await insert({ location: 'europe-west1', labels: { app: 'shop' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'storage#bucket',
      name: 'shop-files',
      location: 'EUROPE-WEST1',
      locationType: 'region',
      storageClass: 'STANDARD',
      projectNumber: NUMBER,
      metageneration: '1',
      labels: { app: 'shop' },
    });
    expect(fake.bucketExists('shop-files')).toBe(true);
    expect(fake.locationOf('shop-files')).toBe('EUROPE-WEST1');
    expect(inventory()).toEqual(['bucket shop-files']);
    await insert({ name: 'other-files' });
    const page = { project: PROJECT, prefix: 'shop' };
    expect((await send('GET', BUCKETS, { query: page })).body).toMatchObject({
      items: [{ name: 'shop-files' }],
    });
    const changed = await send('PATCH', BUCKET, {
      body: { labels: { app: null, stage: 'test' } },
      query: { ifMetagenerationMatch: '1' },
    });
    expect(changed.body).toMatchObject({ labels: { stage: 'test' }, metageneration: '2' });
    expect(changed.body).not.toHaveProperty('labels.app');
    const stale = { labels: {} };
    expect(
      refusal(await send('PATCH', BUCKET, { body: stale, query: { ifMetagenerationMatch: '1' } })),
    ).toMatch(/^412 conditionNotMet/);
    expect((await send('PATCH', BUCKET, { body: { labels: null } })).body).not.toHaveProperty(
      'labels',
    );
    expect(await send('DELETE', BUCKET)).toMatchObject({ status: 204 });
    expect(refusal(await send('GET', BUCKET))).toBe(
      '404 notFound The specified bucket does not exist.',
    );
  });

  it('have names that are unique in the world', async () => {
    fake.taken.add('theirs');
    await insert();
    expect(refusal(await insert())).toBe(
      '409 conflict Your previous request to create the named bucket succeeded and you already own it.',
    );
    expect(refusal(await insert({ name: 'theirs' }))).toMatch(
      /^409 conflict The requested bucket name is not available/,
    );
    expect(refusal(await send('GET', `${BUCKETS}/theirs`))).toMatch(/^403 forbidden/);
  });

  it.each([
    ['ab', /^400 invalid Invalid bucket name: 'ab'/],
    ['Shop', /Invalid bucket name/],
    ['-shop', /Invalid bucket name/],
    ['google-shop', /Invalid bucket name/],
    ['goog', /Invalid bucket name/],
    ['10.0.0.1', /Invalid bucket name/],
    ['a'.repeat(64), /Invalid bucket name/],
    ['files.shop.test', /^403 forbidden .* domain name owned by another user/],
  ])('are not named %s', async (name, why) => {
    expect(refusal(await insert({ name }))).toMatch(why);
  });

  it('refuse what is missing or wrong', async () => {
    expect(refusal(await insert({}, {}))).toBe('400 required Required parameter: project');
    expect(refusal(await insert({}, { project: 'other' }))).toMatch(/^403 forbidden/);
    expect(refusal(await insert({ location: 'mars' }))).toBe(
      '400 invalid The specified location constraint is not valid.',
    );
    expect(refusal(await insert({ colour: 'blue' }))).toMatch(/Unknown name "colour"/);
    expect(refusal(await insert({ iamConfiguration: { x: 1 } }))).toMatch(
      /Unknown name "x" at 'iamConfiguration'/,
    );
    expect(refusal(await insert({ labels: { app: 7 } }))).toMatch(/Invalid value at 'labels'/);
    expect(refusal(await insert({ storageClass: 'FAST' }))).toMatch(/^400 invalid/);
    expect(refusal(await insert({}, { project: PROJECT, force: 'true' }))).toBe(
      "400 invalidParameter Unknown parameter: 'force'.",
    );
    expect(inventory()).toEqual([]);
    expect(await send('POST', `${BUCKETS}/x/lockRetentionPolicy`)).toMatchObject({ status: 404 });
  });

  it('are not deleted while there is something in them', async () => {
    await insert();
    fake.put('shop-files', 'a', Buffer.from('x'));
    expect(refusal(await send('DELETE', BUCKET))).toBe(
      '409 conflict The bucket you tried to delete is not empty.',
    );
    fake.delete('shop-files', 'a');
    expect(await send('DELETE', BUCKET)).toMatchObject({ status: 204 });
  });

  it('have policies', async () => {
    await insert();
    const { body } = await send('GET', `${BUCKET}/iam`);
    expect(body).toMatchObject({ kind: 'storage#policy', etag: 'ACAB' });
    const binding = {
      role: 'roles/storage.objectViewer',
      members: [`serviceAccount:${CALLER.email}`],
    };
    const set = await send('PUT', `${BUCKET}/iam`, {
      body: { etag: 'ACAB', bindings: [binding] },
    });
    expect(set.body).toMatchObject({ bindings: [binding] });
    const again = { etag: 'ACAB', bindings: [] };
    expect(await send('PUT', `${BUCKET}/iam`, { body: again })).toMatchObject({ status: 409 });
  });

  it('tell who publishes for them', async () => {
    expect(await send('GET', `/storage/v1/projects/${PROJECT}/serviceAccount`)).toMatchObject({
      status: 200,
      body: { kind: 'storage#serviceAccount', email_address: AGENT },
    });
  });
});

describe('objects', () => {
  const upload = (name: string, text: string, options: Parameters<Send>[2] = {}) =>
    send('POST', '/upload/storage/v1/b/shop-files/o', {
      rawBody: Buffer.from(text),
      headers: { 'content-type': 'text/plain' },
      ...options,
      query: { uploadType: 'media', name, ...options.query },
    });

  beforeEach(async () => {
    await insert();
  });

  it('are uploaded, read, listed and deleted', async () => {
    const { body } = await upload('in/größe 1+2.txt', 'grün');
    expect(body).toMatchObject({
      kind: 'storage#object',
      name: 'in/größe 1+2.txt',
      bucket: 'shop-files',
      size: '5',
      contentType: 'text/plain',
      generation: expect.stringMatching(/^\d+$/),
    });
    const path = `${BUCKET}/o/in/größe 1+2.txt`;
    expect((await send('GET', path)).body).toEqual(body);
    const media = await send('GET', path, { query: { alt: 'media' } });
    expect(media.headers).toMatchObject({ 'content-type': 'text/plain' });
    expect(media.body).toEqual(Buffer.from('grün'));
    // The check value of CRC-32C.
    expect((await upload('top.txt', '123456789')).body).toMatchObject({ crc32c: '4waSgw==' });
    const list = await send('GET', `${BUCKET}/o`, { query: { delimiter: '/' } });
    expect(list.body).toMatchObject({ items: [{ name: 'top.txt' }], prefixes: ['in/'] });
    expect(await send('DELETE', path)).toMatchObject({ status: 204 });
    expect(refusal(await send('GET', path))).toBe(
      '404 notFound No such object: shop-files/in/größe 1+2.txt',
    );
  });

  it('have generations', async () => {
    await upload('a', 'one', { query: { ifGenerationMatch: '0' } });
    const { generation } = JSON.parse(JSON.stringify((await send('GET', `${BUCKET}/o/a`)).body));
    expect(refusal(await upload('a', 'two', { query: { ifGenerationMatch: '0' } }))).toMatch(
      /^412/,
    );
    await upload('a', 'two', { query: { ifGenerationMatch: generation } });
    expect(fake.get('shop-files', 'a')?.toString()).toBe('two');
    expect(fake.get('shop-files', 'a', generation)).toBeUndefined();
  });

  it('are for those who have a role', async () => {
    const caller = { caller: CALLER };
    expect(refusal(await upload('a', 'x', caller))).toBe(
      `403 forbidden ${CALLER.email} does not have storage.objects.create access to the Google Cloud Storage object. Permission 'storage.objects.create' denied on resource (or it may not exist).`,
    );
    small.grant(CALLER.email, 'projects/_/buckets/shop-files', 'roles/storage.objectCreator');
    expect(await upload('a', 'x', caller)).toMatchObject({ status: 200 });
    expect(refusal(await upload('a', 'y', caller))).toMatch(/storage\.objects\.delete/);
    expect(refusal(await send('GET', `${BUCKET}/o/a`, caller))).toMatch(/storage\.objects\.get/);
  });

  it('refuse what is missing or wrong', async () => {
    expect(refusal(await upload('', 'x'))).toBe('400 required Required parameter: name');
    expect(refusal(await upload('a', 'x', { query: { uploadType: 'multipart' } }))).toMatch(
      /^400 invalid/,
    );
    const elsewhere = send('POST', '/upload/storage/v1/b/gone/o', {
      query: { uploadType: 'media', name: 'a' },
    });
    expect(refusal(await elsewhere)).toMatch(/^404 notFound/);
    expect(() => fake.put('gone', 'a', Buffer.alloc(0))).toThrow('does not exist');
  });
});
