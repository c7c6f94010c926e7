import { Readable } from 'node:stream';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsFault } from '../../fakes/aws/core/service.ts';
import { createS3Service } from '../../fakes/aws/s3/index.ts';
import { DEAD, failureOf, FUNCTION, QUEUE, REGION, serve, Surroundings } from './world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function started(region = REGION) {
  const around = new Surroundings();
  const served = await serve(createS3Service(around.world(region)));
  const s3 = new S3({ ...served.config, region, forcePathStyle: true });
  ends.push(served.stop, async () => s3.destroy());
  const create = (Bucket: string) =>
    s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } });
  const notify = (Bucket: string, ...configurations: object[]) =>
    s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: configurations.map((each) => ({
          LambdaFunctionArn: FUNCTION,
          Events: ['s3:ObjectCreated:*'],
          ...each,
        })),
      },
    });
  return { around, s3, fake: served.service, create, notify };
}

function filter(Name: 'prefix' | 'suffix', Value: string): object {
  return { Filter: { Key: { FilterRules: [{ Name, Value }] } } };
}

describe('buckets', () => {
  it('are made, found, listed and deleted', async () => {
    const { s3, create, fake } = await started();
    expect(await failureOf(s3.headBucket({ Bucket: 'one' }))).toMatchObject({ name: 'NotFound' });
    await create('one');
    expect((await s3.headBucket({ Bucket: 'one' })).BucketRegion).toBe(REGION);
    expect((await s3.getBucketLocation({ Bucket: 'one' })).LocationConstraint).toBe(REGION);
    expect((await s3.listBuckets()).Buckets?.map((bucket) => bucket.Name)).toEqual(['one']);
    expect(fake.inventory()).toEqual(['s3 bucket one']);
    await s3.deleteBucket({ Bucket: 'one' });
    expect(await failureOf(s3.deleteBucket({ Bucket: 'one' }))).toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  it('are not made twice, nor under a name that somebody has', async () => {
    const { create, fake, s3 } = await started();
    await create('one');
    expect(await failureOf(create('one'))).toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    fake.addStranger('theirs');
    expect(await failureOf(create('theirs'))).toMatchObject({ name: 'BucketAlreadyExists' });
    expect(await failureOf(s3.headBucket({ Bucket: 'theirs' }))).toBeDefined();
  });

  it('need their region said, but not in us-east-1', async () => {
    const ireland = await started();
    const elsewhere = ireland.s3.createBucket({
      Bucket: 'one',
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    });
    expect(await failureOf(elsewhere)).toMatchObject({
      name: 'IllegalLocationConstraintException',
      message: expect.stringContaining('The eu-central-1 location constraint is incompatible'),
    });
    // The SDK says the region by itself.
    await ireland.s3.createBucket({ Bucket: 'one' });
    const virginia = await started('us-east-1');
    await virginia.s3.createBucket({ Bucket: 'one' });
    await virginia.s3.createBucket({ Bucket: 'one' });
    expect(await failureOf(virginia.create('two'))).toMatchObject({
      name: 'IllegalLocationConstraintException',
    });
  });

  it.each(['Big', 'a', 'a..b', '10.0.0.1', 'under_score', 'xn--a', 'end-'])(
    'are not named %s',
    async (name) => {
      const { create } = await started();
      expect(await failureOf(create(name))).toMatchObject({ name: 'InvalidBucketName' });
    },
  );

  it('carry tags and settings', async () => {
    const { s3, create } = await started();
    await create('one');
    expect(await failureOf(s3.getBucketTagging({ Bucket: 'one' }))).toMatchObject({
      name: 'NoSuchTagSet',
    });
    const TagSet = [{ Key: 'polyfaas:app', Value: 'a&b' }];
    await s3.putBucketTagging({ Bucket: 'one', Tagging: { TagSet } });
    expect((await s3.getBucketTagging({ Bucket: 'one' })).TagSet).toEqual(TagSet);
    await s3.deleteBucketTagging({ Bucket: 'one' });
    await s3.putPublicAccessBlock({
      Bucket: 'one',
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    });
    const block = await s3.getPublicAccessBlock({ Bucket: 'one' });
    expect(block.PublicAccessBlockConfiguration?.BlockPublicAcls).toBe(true);
    await s3.putBucketEncryption({
      Bucket: 'one',
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
  });
});

describe('objects', () => {
  it('are put, read and deleted, whatever their key', async () => {
    const { s3, create } = await started();
    await create('one');
    const Key = 'pictures/größe 1+2&3.png/';
    const put = await s3.putObject({ Bucket: 'one', Key, Body: 'grün', ContentType: 'image/png' });
    const got = await s3.getObject({ Bucket: 'one', Key });
    expect(await got.Body?.transformToString()).toBe('grün');
    expect(got).toMatchObject({ ContentType: 'image/png', ContentLength: 5, ETag: put.ETag });
    expect((await s3.headObject({ Bucket: 'one', Key })).ContentLength).toBe(5);
    expect(await failureOf(s3.deleteBucket({ Bucket: 'one' }))).toMatchObject({
      name: 'BucketNotEmpty',
    });
    await s3.deleteObject({ Bucket: 'one', Key });
    await s3.deleteObject({ Bucket: 'one', Key });
    expect(await failureOf(s3.getObject({ Bucket: 'one', Key }))).toMatchObject({
      name: 'NoSuchKey',
    });
    expect(await failureOf(s3.headObject({ Bucket: 'one', Key }))).toMatchObject({
      name: 'NotFound',
    });
  });

  it('arrive in chunks, too', async () => {
    const { s3, create, fake } = await started();
    await create('one');
    const body = Buffer.alloc(200_000, 'x');
    await s3.putObject({
      Bucket: 'one',
      Key: 'big',
      Body: Readable.from([body.subarray(0, 150_000), body.subarray(150_000)]),
      ContentLength: body.length,
    });
    expect(fake.port.get('one', 'big')?.equals(body)).toBe(true);
  });

  it('are refused with a wrong checksum', async () => {
    const { s3, create } = await started();
    await create('one');
    const put = s3.putObject({ Bucket: 'one', Key: 'a', Body: 'a', ChecksumCRC32: 'AAAAAA==' });
    expect(await failureOf(put)).toMatchObject({ name: 'BadDigest' });
  });

  it('are listed in pages and folders, and deleted together', async () => {
    const { s3, create, fake } = await started();
    await create('one');
    for (const key of ['a/1', 'a/2', 'b/1', 'c']) fake.port.put('one', key, Buffer.from(key));
    const first = await s3.listObjectsV2({ Bucket: 'one', MaxKeys: 3 });
    expect(first.Contents?.map((each) => each.Key)).toEqual(['a/1', 'a/2', 'b/1']);
    const second = await s3.listObjectsV2({
      Bucket: 'one',
      ContinuationToken: first.NextContinuationToken,
    });
    expect(second.Contents?.map((each) => each.Key)).toEqual(['c']);
    expect(second.IsTruncated).toBe(false);
    const folders = await s3.listObjectsV2({ Bucket: 'one', Delimiter: '/' });
    expect(folders.CommonPrefixes?.map((each) => each.Prefix)).toEqual(['a/', 'b/']);
    await s3.deleteObjects({
      Bucket: 'one',
      Delete: { Objects: [{ Key: 'a/1' }, { Key: 'a/2' }, { Key: 'b/1' }, { Key: 'c' }] },
    });
    expect((await s3.listObjectsV2({ Bucket: 'one' })).KeyCount).toBe(0);
  });
});

describe('notifications', () => {
  it('come back as they were put, and are replaced as a whole', async () => {
    const { s3, create, notify } = await started();
    await create('one');
    await notify('one', { Id: 'x', ...filter('prefix', 'in/ a&b') });
    expect(await s3.getBucketNotificationConfiguration({ Bucket: 'one' })).toMatchObject({
      LambdaFunctionConfigurations: [
        {
          Id: 'x',
          LambdaFunctionArn: FUNCTION,
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'in/ a&b' }] } },
        },
      ],
    });
    await s3.putBucketNotificationConfiguration({
      Bucket: 'one',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    const after = await s3.getBucketNotificationConfiguration({ Bucket: 'one' });
    expect(after.LambdaFunctionConfigurations).toBeUndefined();
    expect(after.EventBridgeConfiguration).toBeDefined();
  });

  it('are refused when they overlap, share an id, or name an unknown event', async () => {
    const { create, notify } = await started();
    await create('one');
    expect(await failureOf(notify('one', {}, { Events: ['s3:ObjectCreated:Put'] }))).toMatchObject({
      name: 'InvalidArgument',
      message:
        'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
    });
    expect(
      await failureOf(notify('one', filter('prefix', 'a/'), filter('prefix', 'a/b'))),
    ).toMatchObject({ message: expect.stringContaining('ambiguously defined') });
    const same = { Id: 'x' };
    expect(
      await failureOf(
        notify('one', { ...same, ...filter('prefix', 'a') }, { ...same, ...filter('prefix', 'b') }),
      ),
    ).toMatchObject({ message: expect.stringContaining('IDs must be unique') });
    expect(await failureOf(notify('one', { Events: ['s3:Renamed'] }))).toMatchObject({
      message: 'The event is not supported for notifications',
    });
    await notify('one', filter('prefix', 'a/'), filter('prefix', 'b/'));
    await notify('one', filter('suffix', '.png'), { Events: ['s3:ObjectRemoved:*'] });
  });

  it('are refused while the destination does not exist or does not let the bucket in', async () => {
    const { around, create, notify } = await started();
    await create('one');
    const message = 'Unable to validate the following destination configurations';
    const missing = notify('one', { LambdaFunctionArn: `${FUNCTION}2` });
    expect(await failureOf(missing)).toMatchObject({ name: 'InvalidArgument', message });
    around.mayInvoke.add('s3.amazonaws.com arn:aws:s3:::other');
    expect(await failureOf(notify('one', {}))).toMatchObject({ message });
    around.mayInvoke.add('s3.amazonaws.com arn:aws:s3:::one');
    await notify('one', {});
  });

  it('tell functions of what is put and deleted', async () => {
    const { around, s3, create, notify } = await started();
    await create('one');
    await notify('one', { Id: 'put' }, { Id: 'gone', Events: ['s3:ObjectRemoved:*'] });
    const Key = 'größe 1+2&(3).png';
    await s3.putObject({ Bucket: 'one', Key, Body: 'grün' });
    await s3.deleteObject({ Bucket: 'one', Key });
    await s3.deleteObject({ Bucket: 'one', Key: 'never was' });
    await around.settle();
    expect(around.invoked.map(({ arn, source }) => ({ arn, source }))[0]).toEqual({
      arn: FUNCTION,
      source: {
        principal: 's3.amazonaws.com',
        sourceArn: 'arn:aws:s3:::one',
        sourceAccount: '123456789012',
      },
    });
    const record = (eventName: string, configurationId: string, object: object) => ({
      Records: [
        expect.objectContaining({
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: REGION,
          eventTime: '2026-11-20T12:00:00.000Z',
          eventName,
          s3: expect.objectContaining({
            configurationId,
            bucket: expect.objectContaining({ name: 'one', arn: 'arn:aws:s3:::one' }),
            object: { key: 'gr%C3%B6%C3%9Fe+1%2B2%26%283%29.png', ...object },
          }),
        }),
      ],
    });
    const sequencer = expect.stringMatching(/^[0-9A-F]+$/);
    expect(around.payloads()).toEqual([
      record('ObjectCreated:Put', 'put', {
        size: 5,
        eTag: expect.stringMatching(/^[0-9a-f]{32}$/),
        sequencer,
      }),
      record('ObjectRemoved:Delete', 'gone', { sequencer }),
    ]);
  });

  it('keep to prefix and suffix', async () => {
    const { around, create, notify, fake } = await started();
    await create('one');
    const rules = [
      { Name: 'prefix', Value: 'in/' },
      { Name: 'suffix', Value: '.png' },
    ];
    await notify('one', { Filter: { Key: { FilterRules: rules } } });
    for (const key of ['out/a.png', 'in/a.jpg', '.png', 'in/a.png', 'in/deep/b.png']) {
      fake.port.put('one', key, Buffer.from('x'));
    }
    await around.settle();
    expect(JSON.stringify(around.payloads()).match(/"key":"[^"]*"/g)).toEqual([
      '"key":"in/a.png"',
      '"key":"in/deep/b.png"',
    ]);
  });

  it('are sent again while the function is throttled', async () => {
    const { around, create, notify, fake } = await started();
    await create('one');
    await notify('one', {});
    around.invokeFaults.push(new AwsFault(429, 'TooManyRequestsException', 'Rate exceeded'));
    fake.port.put('one', 'a', Buffer.from('x'));
    await around.settle();
    expect(around.invoked).toHaveLength(0);
    await around.advance(1000);
    expect(around.invoked).toHaveLength(1);
  });

  it('reach queues and the default bus', async () => {
    const { around, s3, create, fake } = await started();
    await create('one');
    const put = (QueueArn: string) =>
      s3.putBucketNotificationConfiguration({
        Bucket: 'one',
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }],
          EventBridgeConfiguration: {},
        },
      });
    around.queuesAreOpen = false;
    expect(await failureOf(put(QUEUE))).toMatchObject({ name: 'InvalidArgument' });
    around.queuesAreOpen = true;
    await put(DEAD);
    fake.port.put('one', 'a', Buffer.from('x'));
    await around.settle();
    expect(around.sent).toMatchObject([{ queue: DEAD }]);
    expect(around.events).toMatchObject([
      { bus: 'default', source: 'aws.s3', detailType: 'Object Created' },
    ]);
  });
});
