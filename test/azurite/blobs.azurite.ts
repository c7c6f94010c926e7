/**
 * Blobs as the adapter uses them, on Azurite and on our fake: the adapter's own functions, and the requests that they
 * and Azure's hosts make. Both must do the same.
 *
 * Who asks is not compared: Azurite takes no bearer tokens over http, so on the way there a signature by the account's
 * shared key takes the place of the token, and it may do everything. Roles and user delegation keys are our fake's alone.
 */
import { BlobSASPermissions, generateBlobSASQueryParameters } from '@azure/storage-blob';
import { unzipFiles } from 'polyfaas/spi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteBlob, download, uploadPackage } from '../../providers/azure/execute/package.ts';
import { retireVersions } from '../../providers/azure/execute/versions.ts';
import { CONTAINER } from '../../providers/azure/package/note.ts';
import { listNotes } from '../../providers/azure/package/storage.ts';
import { artifact, callOf, noteOf, stepOf, wishOf } from './deploys.ts';
import { SUBJECTS, type Subject } from './subjects.ts';
import { all, ask, brief, type Answer, type Sent } from './wire.ts';

const BLOB = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/zip' };
const HTTP_TIME = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

describe.each(SUBJECTS)('blobs on $name', ({ start }) => {
  let subject: Subject;
  let boxes = 0;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject.stop());

  const containers = async (name: string) =>
    (await subject.azure.blobs(`${subject.blobs}/`)).getContainerClient(name);

  /** A new container. */
  async function box() {
    boxes += 1;
    const container = await containers(`box-${boxes}`);
    await container.create();
    const at = (path: string, method: string, sent?: Sent): Promise<Answer> =>
      ask(subject, method, `${subject.blobs}/box-${boxes}${path}`, sent);
    const put = (name: string, body = '', headers = {}): Promise<Answer> =>
      at(`/${name}`, 'PUT', { body, headers: { ...BLOB, ...headers } });
    return { container, at, put };
  }

  it('keep packages and notes for the adapter', async () => {
    const call = callOf(subject);
    const container = await containers(CONTAINER);
    const names = async (): Promise<readonly string[]> =>
      (await all(container.listBlobsFlat())).map(({ name }) => name);
    const upload = (wish: ReturnType<typeof wishOf>, from = call) =>
      uploadPackage(subject.azure, stepOf({ package: wish }), from);
    const wish = wishOf(noteOf('one'));

    expect(await listNotes(container, call.signal)).toEqual([]);
    await expect(upload(wish)).rejects.toMatchObject({
      statusCode: 404,
      code: 'ContainerNotFound',
    });
    await container.create();
    await upload(wish);
    const code = `artifacts/${artifact.digest}.zip`;
    const packed = `packages/${wish.digest}.zip`;
    expect(await names()).toEqual([code, packed]);
    const before = await container.getBlobClient(packed).getProperties();
    expect(before.contentType).toBe('application/zip');
    await upload(wish);
    expect((await container.getBlobClient(packed).getProperties()).etag).toBe(before.etag);

    // From what is there, where the code is not at hand.
    const bytes = await download(container, packed, call);
    expect((await unzipFiles(bytes)).map(({ path }) => path)).toEqual([
      'host.json',
      'index.mjs',
      'polyfaas.json',
    ]);
    await deleteBlob(container, packed, call);
    await deleteBlob(container, packed, call);
    const nothing = { get: () => Promise.reject(new Error('not at hand')) };
    await upload(wish, { ...call, artifacts: nothing });
    expect(await download(container, packed, call)).toEqual(bytes);

    const long = noteOf(
      'two',
      Array.from({ length: 900 }, (_, index) => `${Math.sin(index)}`),
    );
    const notes = [noteOf('one'), long, noteOf('three')];
    for (const [index, live] of notes.entries()) {
      const previous = notes[index - 1]?.version ?? null;
      const input = { live, liveVersion: live.version, previous, packages: [wish.digest] };
      await retireVersions(subject.azure, stepOf({ ...input, keepVersions: 2 }), call);
    }
    expect(await listNotes(container, call.signal)).toEqual(notes.slice(1));
    expect(await names()).toEqual([code, packed, 'versions/three.json', 'versions/two.json']);
  });

  it('are written once, where they must be absent', async () => {
    const { put, container } = await box();
    const first = await put('a/b.zip', 'one', { 'if-none-match': '*' });
    expect(brief(first)).toBe('201');
    expect(brief(await put('a/b.zip', 'two', { 'if-none-match': '*' }))).toBe(
      '409 BlobAlreadyExists',
    );
    const again = container
      .getBlockBlobClient('a/b.zip')
      .upload('two', 3, { conditions: { ifNoneMatch: '*' } });
    await expect(again).rejects.toMatchObject({ statusCode: 409, code: 'BlobAlreadyExists' });
    expect((await put('a/b.zip', 'three')).headers['etag']).not.toBe(first.headers['etag']);
  });

  it('tell what they are', async () => {
    const { put, at } = await box();
    const written = await put('one.zip', 'hello', { 'x-ms-meta-note': 'a_b-c' });
    const common = {
      etag: expect.stringMatching(/^"0x[0-9A-F]+"$/),
      'last-modified': expect.stringMatching(HTTP_TIME),
      date: expect.stringMatching(HTTP_TIME),
      'x-ms-request-id': expect.any(String),
    };
    const md5 = 'XUFAKrxLKna5cZ2REBfFkg==';
    expect(written.headers).toMatchObject({
      ...common,
      'content-md5': md5,
      'content-length': '0',
      'x-ms-request-server-encrypted': 'true',
    });
    const described = {
      ...common,
      etag: written.headers['etag'],
      'content-type': 'application/zip',
      'content-length': '5',
      'content-md5': md5,
      'accept-ranges': 'bytes',
      'x-ms-meta-note': 'a_b-c',
      'x-ms-blob-type': 'BlockBlob',
      'x-ms-lease-state': 'available',
      'x-ms-lease-status': 'unlocked',
      'x-ms-server-encrypted': 'true',
      'x-ms-creation-time': expect.stringMatching(HTTP_TIME),
    };
    const head = await at('/one.zip', 'HEAD');
    expect(head).toMatchObject({ status: 200, text: '', headers: described });
    expect(head.headers).toMatchObject({
      'x-ms-access-tier': 'Hot',
      'x-ms-access-tier-inferred': 'true',
    });
    const whole = await at('/one.zip', 'GET');
    expect(whole).toMatchObject({ status: 200, text: 'hello', headers: described });
    expect(whole.headers).not.toHaveProperty('x-ms-access-tier');
    const changed = await at('/one.zip?comp=metadata', 'PUT', { headers: { 'x-ms-meta-b': '2' } });
    expect(brief(changed)).toBe('200');
    expect((await at('/one.zip', 'HEAD')).headers).toMatchObject({
      etag: changed.headers['etag'],
      'x-ms-meta-b': '2',
    });
    expect((await at('/one.zip', 'HEAD')).headers).not.toHaveProperty('x-ms-meta-note');
  });

  it('are read in parts', async () => {
    const { put, at, container } = await box();
    await put('one', '0123456789');
    const part = (range: string): Promise<Answer> =>
      at('/one', 'GET', { headers: { 'x-ms-range': range } });
    expect(await part('bytes=2-4')).toMatchObject({
      status: 206,
      text: '234',
      headers: {
        'content-range': 'bytes 2-4/10',
        'content-length': '3',
        'x-ms-blob-content-md5': 'eB5eJF1ptWaXm4bijSPyxw==',
      },
    });
    expect((await part('bytes=2-4')).headers).not.toHaveProperty('content-md5');
    expect(await part('bytes=8-99')).toMatchObject({ status: 206, text: '89' });
    expect(await part('bytes=7-')).toMatchObject({ status: 206, text: '789' });
    const beyond = await part('bytes=11-12');
    expect(brief(beyond)).toBe('416 InvalidRange');
    expect(beyond.headers['content-range']).toBe('bytes */10');
    const large = Buffer.alloc(9 * 1024 * 1024, 'polyfaas');
    await container.getBlockBlobClient('large').upload(large, large.length);
    expect((await download(container, 'large', callOf(subject))).equals(large)).toBe(true);
    await put('empty');
    expect(await download(container, 'empty', callOf(subject))).toHaveLength(0);
  });

  it('are written in blocks by large uploads', async () => {
    const { at, container } = await box();
    const bytes = Buffer.alloc(25, 'abcde');
    await container.getBlockBlobClient('one').uploadData(bytes, {
      maxSingleShotSize: 10,
      blockSize: 10,
      metadata: { note: 'n' },
    });
    const { headers, text } = await at('/one', 'GET');
    expect(text).toBe(bytes.toString());
    expect(headers).toMatchObject({ 'x-ms-meta-note': 'n', 'content-length': '25' });
    // Nobody has seen the whole.
    expect((await at('/one', 'HEAD')).headers).not.toHaveProperty('content-md5');
    const id = (block: string): string => encodeURIComponent(Buffer.from(block).toString('base64'));
    expect(brief(await at(`/two?comp=block&blockid=${id('01')}`, 'PUT', { body: 'a' }))).toBe(
      '201',
    );
    expect(brief(await at(`/two?comp=block&blockid=${id('0002')}`, 'PUT', { body: 'b' }))).toBe(
      '400 InvalidBlobOrBlock',
    );
    expect(brief(await at('/two', 'GET'))).toBe('404 BlobNotFound');
    const body = `<?xml version="1.0"?><BlockList><Latest>MDk=</Latest></BlockList>`;
    expect(brief(await at('/two?comp=blocklist', 'PUT', { body }))).toBe('400 InvalidBlockList');
  });

  it('keep to conditions', async () => {
    const { at, put } = await box();
    const { headers } = await put('one', 'one');
    const wrong = { 'if-match': '"0x1"' };
    const hourAgo = new Date(subject.now() - 3_600_000).toUTCString();
    const soon = new Date(subject.now() + 60_000).toUTCString();
    const get = async (condition: Sent['headers'] = {}): Promise<string> =>
      brief(await at('/one', 'GET', { headers: condition }));
    expect(await get({ 'if-match': headers['etag'] ?? '' })).toBe('200');
    expect(await get(wrong)).toBe('412 ConditionNotMet');
    expect(await get({ 'if-none-match': headers['etag'] ?? '' })).toBe('304 ConditionNotMet');
    expect(await get({ 'if-none-match': '*' })).toBe('400 UnsatisfiableCondition');
    expect(await get({ 'if-modified-since': soon })).toBe('304 ConditionNotMet');
    expect(await get({ 'if-unmodified-since': hourAgo })).toBe('412 ConditionNotMet');
    expect(brief(await put('one', 'two', wrong))).toBe('412 ConditionNotMet');
    expect(brief(await put('none', 'two', wrong))).toBe('412 ConditionNotMet');
    expect(brief(await put('one', 'two', { 'if-unmodified-since': hourAgo }))).toBe(
      '412 ConditionNotMet',
    );
    expect(brief(await at('/one', 'DELETE', { headers: wrong }))).toBe('412 ConditionNotMet');
    expect(brief(await put('one', 'two', { 'if-match': headers['etag'] }))).toBe('201');
    expect(await get({ 'if-match': headers['etag'] ?? '' })).toBe('412 ConditionNotMet');
  });

  it('carry metadata, in lists too when they are asked to', async () => {
    const { at, put, container } = await box();
    const longest = 'x'.repeat(7000);
    expect(brief(await put('a', '', { 'x-ms-meta-note': longest, 'x-ms-meta-Part': 'B' }))).toBe(
      '201',
    );
    await put('b');
    const listed = async (includeMetadata: boolean) =>
      (await all(container.listBlobsFlat({ includeMetadata }))).map(
        ({ name, metadata, properties }) => ({ name, length: properties.contentLength, metadata }),
      );
    expect(await listed(true)).toMatchObject([
      { name: 'a', length: 0, metadata: { note: longest, part: 'B' } },
      { name: 'b', length: 0 },
    ]);
    expect(Object.keys((await listed(true))[1]?.metadata ?? {})).toEqual([]);
    expect(Object.keys((await listed(false))[0]?.metadata ?? {})).toEqual([]);
    for (const name of ['x-ms-meta-no-te', 'x-ms-meta-1a']) {
      expect(brief(await put('c', '', { [name]: 'v' }))).toBe('400 InvalidMetadata');
    }
    expect(brief(await at('/none?comp=metadata', 'PUT'))).toBe('404 BlobNotFound');
  });

  it('are listed in order, by prefix and in pages', async () => {
    const { container } = await box();
    const odd = 'versions/ü 1+&%<>.json';
    const names = ['artifacts/1.zip', 'packages/Z', 'packages/a', 'versions/1.json', odd];
    for (const name of names.toReversed()) await container.getBlockBlobClient(name).upload('', 0);
    const pages: (readonly string[])[] = [];
    let token: string | undefined = '';
    for await (const page of container.listBlobsFlat().byPage({ maxPageSize: 2 })) {
      pages.push(page.segment.blobItems.map(({ name }) => name));
      token = page.continuationToken;
    }
    expect(pages).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
    expect(token ?? '').toBe('');
    const found = async (options: { prefix: string }) =>
      (await all(container.listBlobsFlat(options))).map(({ name }) => name);
    expect(await found({ prefix: 'packages/' })).toEqual(['packages/Z', 'packages/a']);
    expect(await found({ prefix: 'versions/' })).toEqual(['versions/1.json', odd]);
    expect(await found({ prefix: 'none/' })).toEqual([]);
    const levels = await all(container.listBlobsByHierarchy('/'));
    expect(levels.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'prefix artifacts/',
      'prefix packages/',
      'prefix versions/',
    ]);
    expect((await container.getBlobClient(odd).getProperties()).contentLength).toBe(0);
  });

  it('are missing in the same words', async () => {
    const { at } = await box();
    const none = `${subject.blobs}/none`;
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      expect(brief(await at('/none', method))).toBe('404 BlobNotFound');
      expect(brief(await ask(subject, method, `${none}/one`))).toBe('404 ContainerNotFound');
    }
    const list = await ask(subject, 'GET', `${none}?restype=container&comp=list`);
    expect(brief(list)).toBe('404 ContainerNotFound');
    expect(list.headers['content-type']).toBe('application/xml');
    expect(list.text).toContain('<Code>ContainerNotFound</Code>');
    expect(brief(await ask(subject, 'PUT', `${none}/one`, { headers: BLOB, body: 'a' }))).toBe(
      '404 ContainerNotFound',
    );
    expect(brief(await ask(subject, 'HEAD', `${none}?restype=container`))).toBe(
      '404 ContainerNotFound',
    );
    const missing = await containers('none');
    expect(await missing.exists()).toBe(false);
    expect(await missing.getBlobClient('one').exists()).toBe(false);
  });

  it('are deleted once', async () => {
    const { at, put } = await box();
    await put('one');
    const gone = await at('/one', 'DELETE');
    expect(gone).toMatchObject({ status: 202, headers: { 'x-ms-delete-type-permanent': 'true' } });
    expect(brief(await at('/one', 'DELETE'))).toBe('404 BlobNotFound');
    await put('two');
    expect(brief(await at('?restype=container', 'DELETE'))).toBe('202');
    expect(brief(await at('?restype=container', 'DELETE'))).toBe('404 ContainerNotFound');
  });

  it('have containers of good names, each made once', async () => {
    const make = async (name: string): Promise<string> =>
      brief(await ask(subject, 'PUT', `${subject.blobs}/${name}?restype=container`));
    expect(await make('named')).toBe('201');
    expect(await make('named')).toBe('409 ContainerAlreadyExists');
    expect(await make('Named')).toBe('400 InvalidResourceName');
    expect(await make('na--med')).toBe('400 InvalidResourceName');
    expect(await make('na')).toBe('400 OutOfRangeInput');
    expect(await make('n'.repeat(64))).toBe('400 OutOfRangeInput');
  });

  it('are read by who has a signed URL', async () => {
    const { put, container } = await box();
    await put('one', 'hello');
    await put('two', 'other');
    const { containerName } = container;
    const minutes = (count: number): Date => new Date(subject.now() + count * 60_000);
    const signed = (change: { permissions?: string; expiresOn?: Date; startsOn?: Date } = {}) =>
      generateBlobSASQueryParameters(
        {
          containerName,
          blobName: 'one',
          startsOn: change.startsOn ?? minutes(-15),
          expiresOn: change.expiresOn ?? minutes(60),
          permissions: BlobSASPermissions.parse(change.permissions ?? 'r'),
        },
        subject.credential,
      ).toString();
    const bare = (method: string, name: string, query: string, sent: Sent = {}): Promise<Answer> =>
      ask(subject, method, `${subject.blobs}/${containerName}/${name}?${query}`, {
        ...sent,
        signed: false,
      });
    const good = signed();
    expect(await bare('GET', 'one', good)).toMatchObject({ status: 200, text: 'hello' });
    expect(await bare('GET', 'one', good, { headers: { range: 'bytes=1-2' } })).toMatchObject({
      status: 206,
      text: 'el',
    });
    expect(brief(await bare('HEAD', 'one', good))).toBe('200');
    const status = async (name: string, query: string) => (await bare('GET', name, query)).status;
    expect(await status('two', good)).toBe(403);
    expect(await status('one', good.replace(/sig=.{8}/, 'sig=AAAAAAAA'))).toBe(403);
    expect(await status('one', signed({ expiresOn: minutes(-10) }))).toBe(403);
    expect(await status('one', signed({ startsOn: minutes(30) }))).toBe(403);
    const mismatch = '403 AuthorizationPermissionMismatch';
    expect(brief(await bare('DELETE', 'one', good))).toBe(mismatch);
    expect(brief(await bare('PUT', 'one', good, { headers: BLOB, body: 'x' }))).toBe(mismatch);
    const writing = signed({ permissions: 'cw' });
    expect(brief(await bare('GET', 'one', writing))).toBe(mismatch);
    expect(brief(await bare('PUT', 'one', writing, { headers: BLOB, body: 'x' }))).toBe('201');
    await container.deleteBlob('one');
    expect(brief(await bare('GET', 'one', good))).toBe('404 BlobNotFound');
  });
});
