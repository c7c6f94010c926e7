/**
 * Where Azurite 3.36.0 is known not to do what Azure's documentation says, and our fake does. A test that fails here
 * says that a gap has closed: then its case belongs to the scenarios that both must meet.
 */
import { BlobSASPermissions, generateBlobSASQueryParameters } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUBJECTS, type Subject } from './subjects.ts';
import { ask, brief, type Sent } from './wire.ts';

interface Gap {
  readonly what: string;
  readonly method: string;
  /** Below the account. */
  readonly path: string;
  readonly sent?: Sent;
  readonly azure: string;
  readonly azurite: string;
}

const MESSAGE = '<QueueMessage><MessageText>aGk=</MessageText></QueueMessage>';
const BLOB = { 'x-ms-blob-type': 'BlockBlob' };
const LIST = 'gaps?restype=container&comp=list';
const md5 = (value: string): Sent => ({ body: 'a', headers: { ...BLOB, 'content-md5': value } });

const BLOBS: readonly Gap[] = [
  {
    what: 'more than 8 KB of metadata are refused',
    method: 'PUT',
    path: 'gaps/meta',
    sent: { body: '', headers: { ...BLOB, 'x-ms-meta-note': 'a'.repeat(8300) } },
    azure: '400 MetadataTooLarge',
    azurite: '201',
  },
  {
    what: 'a body that is not what its MD5 says is named as such',
    method: 'PUT',
    path: 'gaps/md5',
    sent: md5(Buffer.alloc(16).toString('base64')),
    azure: '400 Md5Mismatch',
    azurite: '400 InvalidOperation',
  },
  {
    what: 'what is no MD5 is named as such',
    method: 'PUT',
    path: 'gaps/md5',
    sent: md5('short'),
    azure: '400 InvalidMd5',
    azurite: '400 InvalidOperation',
  },
  {
    what: 'no part begins at the end',
    method: 'GET',
    path: 'gaps/one',
    sent: { headers: { 'x-ms-range': 'bytes=3-4' } },
    azure: '416 InvalidRange',
    azurite: '206',
  },
  {
    what: 'no part can be read of an empty blob',
    method: 'GET',
    path: 'gaps/empty',
    sent: { headers: { 'x-ms-range': 'bytes=0-' } },
    azure: '416 InvalidRange',
    azurite: '206',
  },
  ...wordless([
    ['a blob needs a type', 'PUT', 'gaps/a', { body: 'a' }, 'MissingRequiredHeader'],
    [
      'a blob needs a type that there is',
      'PUT',
      'gaps/a',
      { body: 'a', headers: { 'x-ms-blob-type': 'Other' } },
      'InvalidHeaderValue',
    ],
    ['pages are not empty', 'GET', `${LIST}&maxresults=0`, {}, 'OutOfRangeQueryParameterValue'],
    ['sizes are numbers', 'GET', `${LIST}&maxresults=x`, {}, 'InvalidQueryParameterValue'],
    ['lists include what there is', 'GET', `${LIST}&include=x`, {}, 'InvalidQueryParameterValue'],
    ['blocks have ids', 'PUT', 'gaps/a?comp=block', { body: 'a' }, 'MissingRequiredQueryParameter'],
    [
      'lists of blocks are XML',
      'PUT',
      'gaps/a?comp=blocklist',
      { body: 'a' },
      'InvalidXmlDocument',
    ],
  ]),
  {
    what: 'the name of a container that was deleted is not free at once',
    method: 'PUT',
    path: 'gap-gone?restype=container',
    azure: '409 ContainerBeingDeleted',
    azurite: '201',
  },
];

const QUEUES: readonly Gap[] = [
  {
    what: 'a message must have a text',
    method: 'POST',
    path: 'gap-jobs/messages',
    sent: { body: '<QueueMessage></QueueMessage>' },
    azure: '400 MissingRequiredXmlNode',
    azurite: '400 InvalidXmlDocument',
  },
  ...wordless([
    ['messages are XML', 'POST', 'gap-jobs/messages', { body: 'a' }, 'InvalidXmlDocument'],
    [
      'a message does not live less than not at all',
      'POST',
      'gap-jobs/messages?messagettl=-2',
      { body: MESSAGE },
      'InvalidQueryParameterValue',
    ],
    [
      'delays are numbers',
      'POST',
      'gap-jobs/messages?visibilitytimeout=x',
      { body: MESSAGE },
      'InvalidQueryParameterValue',
    ],
    [
      'nobody asks for no messages',
      'GET',
      'gap-jobs/messages?numofmessages=0',
      {},
      'OutOfRangeQueryParameterValue',
    ],
    [
      'who deletes a message shows that he holds it',
      'DELETE',
      'gap-jobs/messages/00000000-0000-4000-8000-000000000000',
      {},
      'MissingRequiredQueryParameter',
    ],
    [
      'who changes a message says when it can be seen',
      'PUT',
      'gap-jobs/messages/00000000-0000-4000-8000-000000000000?popreceipt=x',
      {},
      'MissingRequiredQueryParameter',
    ],
  ]),
  {
    what: 'the name of a queue that was deleted is not free at once',
    method: 'PUT',
    path: 'gap-gone',
    azure: '409 QueueBeingDeleted',
    azurite: '201',
  },
];

describe('what Azurite does not do as Azure does', () => {
  let azurite: Subject;
  let fake: Subject;
  beforeAll(async () => {
    [azurite, fake] = await Promise.all([SUBJECTS[0].start(), SUBJECTS[1].start()]);
    for (const subject of [azurite, fake]) {
      const { blobs, queues } = subject;
      await ask(subject, 'PUT', `${blobs}/gaps?restype=container`);
      await ask(subject, 'PUT', `${blobs}/gaps/empty`, { body: '', headers: BLOB });
      await ask(subject, 'PUT', `${blobs}/gaps/one`, { body: 'one', headers: BLOB });
      await ask(subject, 'PUT', `${queues}/gap-jobs`);
      for (const gone of [`${blobs}/gap-gone?restype=container`, `${queues}/gap-gone`]) {
        await ask(subject, 'PUT', gone);
        await ask(subject, 'DELETE', gone);
      }
    }
  });
  afterAll(async () => {
    await azurite.stop();
    await fake.stop();
  });

  it('signatures that are not good are named as such', async () => {
    const signed = (subject: Subject, minutes: number, name = 'one'): Promise<string> => {
      const query = generateBlobSASQueryParameters(
        {
          containerName: 'gaps',
          blobName: 'one',
          permissions: BlobSASPermissions.parse('r'),
          expiresOn: new Date(subject.now() + minutes * 60_000),
        },
        subject.credential,
      ).toString();
      const url = `${subject.blobs}/gaps/${name}?${query}`;
      return ask(subject, 'GET', url, { signed: false }).then(brief);
    };
    for (const [minutes, name] of [
      [60, 'empty'],
      [-10, 'one'],
    ] as const) {
      expect(await signed(fake, minutes, name)).toBe('403 AuthenticationFailed');
      expect(await signed(azurite, minutes, name)).toBe('403 AuthorizationFailure');
    }
    expect([await signed(fake, 60), await signed(azurite, 60)]).toEqual(['200', '200']);
  });

  it.each(BLOBS)('blobs: $what', async (gap) => assertGap(gap, 'blobs'));
  it.each(QUEUES)('queues: $what', async (gap) => assertGap(gap, 'queues'));

  async function assertGap({ method, path, sent, ...gap }: Gap, service: 'blobs' | 'queues') {
    const answer = (subject: Subject) => ask(subject, method, `${subject[service]}/${path}`, sent);
    expect(brief(await answer(fake))).toBe(gap.azure);
    expect(brief(await answer(azurite))).toBe(gap.azurite);
  }
});

/** What Azurite's decoder of requests refuses has no code. */
function wordless(
  cases: readonly (readonly [
    what: string,
    method: string,
    path: string,
    sent: Sent,
    code: string,
  ])[],
): readonly Gap[] {
  return cases.map(([what, method, path, sent, code]) => ({
    what,
    method,
    path,
    sent,
    azure: `400 ${code}`,
    azurite: '400',
  }));
}
