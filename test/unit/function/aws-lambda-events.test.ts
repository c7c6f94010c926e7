import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectEvent, QueueBatch, ShimCall, ShimReply } from 'polyfaas/function';
import { queue, stream, table, time } from './batches.ts';
import { meta, start } from './support.ts';

/** What a Lambda handler sees. */
async function eventOf(call: ShimCall): Promise<unknown> {
  let seen: unknown;
  await start(async (event: unknown) => void (seen = event)).call(call, meta());
  return JSON.parse(JSON.stringify(seen));
}

function answer(call: ShimCall, value: unknown): Promise<ShimReply> {
  return start(async () => value).call(call, meta());
}

describe('a Lambda handler gets', () => {
  it('the input of an invoke as it is', async () => {
    expect(await eventOf({ kind: 'invoke', event: { id: 7 } })).toEqual({ id: 7 });
    expect(await answer({ kind: 'invoke', event: 1 }, { at: new Date(0) })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(await answer({ kind: 'invoke', event: 1 }, undefined)).toBeNull();
  });

  it('queue messages as SQS records', async () => {
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const common = {
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:orders',
      awsRegion: 'eu-central-1',
    };
    const sent = String(Date.parse(time));
    const attributes = {
      SentTimestamp: sent,
      SenderId: 'polyfaas',
      ApproximateFirstReceiveTimestamp: sent,
    };
    expect(await eventOf({ kind: 'queue', event: queue })).toEqual({
      Records: [
        {
          ...common,
          messageId: 'm1',
          receiptHandle: 'm1',
          body: '{"id":7}',
          md5OfBody: md5('{"id":7}'),
          attributes: { ...attributes, ApproximateReceiveCount: '2' },
          messageAttributes: {
            tenant: {
              stringValue: 't1',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'String',
            },
          },
        },
        {
          ...common,
          messageId: 'm2',
          receiptHandle: 'm2',
          body: 'plain',
          md5OfBody: md5('plain'),
          attributes: { ...attributes, ApproximateReceiveCount: '1', MessageGroupId: 'g' },
          messageAttributes: {},
        },
      ],
    });
  });

  it('the right checksum for any body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (body) => {
        const event: QueueBatch = {
          source: 'q',
          messages: [{ id: '1', data: body, attributes: {}, time, attempt: 1 }],
        };
        expect(await eventOf({ kind: 'queue', event })).toMatchObject({
          Records: [{ body, md5OfBody: createHash('md5').update(body).digest('hex') }],
        });
      }),
    );
  });

  it('a topic message as an SNS record', async () => {
    const event = {
      id: 't1',
      source: 'user-registered',
      time,
      data: { id: 7 },
      attributes: { a: 'b' },
      subject: 's',
    };
    expect(await eventOf({ kind: 'topic', event })).toMatchObject({
      Records: [
        {
          EventSource: 'aws:sns',
          Sns: {
            Type: 'Notification',
            MessageId: 't1',
            Message: '{"id":7}',
            Subject: 's',
            Timestamp: time,
            TopicArn: 'arn:aws:sns:eu-central-1:000000000000:user-registered',
            MessageAttributes: { a: { Type: 'String', Value: 'b' } },
          },
        },
      ],
    });
  });

  it('an object as an S3 record', async () => {
    const event: ObjectEvent = {
      id: 'o1',
      source: 'uploads',
      type: 'created',
      time,
      key: 'a b/ü+(1).png',
      sizeBytes: 5,
      etag: '"abc"',
    };
    expect(await eventOf({ kind: 'object', event })).toMatchObject({
      Records: [
        {
          eventSource: 'aws:s3',
          eventName: 'ObjectCreated:Put',
          eventTime: time,
          awsRegion: 'eu-central-1',
          s3: {
            bucket: { name: 'uploads', arn: 'arn:aws:s3:::uploads' },
            object: { key: 'a+b/%C3%BC%2B%281%29.png', size: 5, eTag: 'abc' },
          },
        },
      ],
    });
    const gone = await eventOf({ kind: 'object', event: { ...event, type: 'deleted' } });
    expect(gone).toMatchObject({ Records: [{ eventName: 'ObjectRemoved:Delete' }] });
    expect(JSON.stringify(gone)).not.toContain('"size"');
  });

  it('any key in the way that S3 handlers decode it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (key) => {
        let decoded: string | undefined;
        const handler = async (event: {
          Records: { s3: { object: { key: string } } }[];
        }): Promise<void> => {
          decoded = decodeURIComponent(event.Records[0]?.s3.object.key.replace(/\+/g, ' ') ?? '');
        };
        const event: ObjectEvent = {
          id: '1',
          source: 'b',
          type: 'created',
          time,
          key,
          sizeBytes: 0,
        };
        await start(handler).call({ kind: 'object', event }, meta());
        expect(decoded).toBe(key.toWellFormed());
      }),
    );
  });

  it('stream records as Kinesis records', async () => {
    const data = Buffer.from('{"ü":"100"}').toString('base64');
    expect(await eventOf({ kind: 'stream', event: stream })).toMatchObject({
      Records: [
        {
          eventSource: 'aws:kinesis',
          eventName: 'aws:kinesis:record',
          eventID: 'shard-0:100',
          eventSourceARN: 'arn:aws:kinesis:eu-central-1:000000000000:stream/clicks',
          kinesis: {
            data,
            partitionKey: 'k',
            sequenceNumber: '100',
            approximateArrivalTimestamp: Date.parse(time) / 1_000,
          },
        },
        {},
        {},
      ],
    });
  });

  it('table changes as DynamoDB records', async () => {
    expect(await eventOf({ kind: 'table', event: table })).toMatchObject({
      Records: [
        {
          eventName: 'MODIFY',
          eventSource: 'aws:dynamodb',
          dynamodb: {
            Keys: { id: { S: 'u1' } },
            NewImage: {
              id: { S: 'u1' },
              age: { N: '3' },
              admin: { BOOL: true },
              none: { NULL: true },
              tags: { L: [{ S: 'a' }, { N: '1' }] },
              nested: { M: { x: { S: 'y' } } },
            },
            OldImage: { id: { S: 'u1' } },
            SequenceNumber: '5',
          },
        },
        { eventName: 'REMOVE', dynamodb: { Keys: { id: { S: 'u2' } } } },
      ],
    });
  });

  it('a bus event as EventBridge sends it', async () => {
    const event = {
      id: 'e1',
      source: 'user-service',
      type: 'UserRegistered',
      time,
      data: { id: 7 },
      bus: 'default',
    };
    expect(await eventOf({ kind: 'bus', event })).toEqual({
      version: '0',
      id: 'e1',
      'detail-type': 'UserRegistered',
      source: 'user-service',
      account: '000000000000',
      time: '2026-03-12T19:03:58Z',
      region: 'eu-central-1',
      resources: [],
      detail: { id: 7 },
    });
  });

  it('a schedule as a scheduled event, or its own input alone', async () => {
    const tick = { id: 's1', source: 'nightly', scheduledTime: time, time, data: null };
    expect(await eventOf({ kind: 'schedule', event: tick })).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-03-12T19:03:58Z',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/nightly'],
      detail: {},
    });
    expect(await eventOf({ kind: 'schedule', event: { ...tick, data: { job: 1 } } })).toEqual({
      job: 1,
    });
  });
});
