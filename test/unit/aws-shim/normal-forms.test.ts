/** What AWS sends, and what a handler sees of it. */
import { describe, expect, it } from 'vitest';
import { MARK } from '../../../providers/aws/envelope.ts';
import {
  busEvent,
  dynamodbEvent,
  kinesisEvent,
  s3Event,
  snsEvent,
  QUEUE_ARN,
  sqsRecord,
} from './events.ts';
import { entryOf, lambdaContext, seenBy } from './inside.ts';

const TIME = '2026-01-01T00:00:00.250Z';

describe('the normal form', () => {
  it('of SQS messages', async () => {
    const { event, context } = await seenBy({
      Records: [
        sqsRecord('{"id":7}'),
        sqsRecord('plain text', { id: 'm-2', group: 'g', arn: `${QUEUE_ARN}.fifo` }),
      ],
    });
    const attributes = { tenant: 'blue', count: '7' };
    expect(event).toEqual({
      source: 'orders',
      messages: [
        { id: 'm-1', data: { id: 7 }, attributes, time: TIME, attempt: 1 },
        { id: 'm-2', data: 'plain text', attributes, time: TIME, attempt: 1, group: 'g' },
      ],
    });
    expect(context).toMatchObject({ requestId: 'aws-1', attempt: 1 });
  });

  it.each([
    ['""', ''],
    ['"7"', '7'],
    ['7', 7],
    ['null', null],
    ['[]', []],
    ['"𝄞"', '𝄞'],
    ['', ''],
    ['7 apples', '7 apples'],
    ['{not json', '{not json'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.50', '1.50'],
  ])('of an SQS body %s', async (body, data) => {
    const { event } = await seenBy({ Records: [sqsRecord(body)] });
    expect(event).toMatchObject({ messages: [{ data }] });
  });

  it('of an SNS message', async () => {
    const { event } = await seenBy(snsEvent('{"user":7}'));
    expect(event).toEqual({
      id: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
      source: 'users',
      time: TIME,
      data: { user: 7 },
      attributes: { tenant: 'blue' },
      subject: 'registered',
    });
  });

  it('of an S3 object', async () => {
    const { event } = await seenBy(s3Event());
    expect(event).toEqual({
      id: 'EXAMPLE123456789-0A1B2C3D4E5F678901',
      source: 'pictures',
      type: 'created',
      time: TIME,
      key: 'pictures/größe 1+2&3.png',
      sizeBytes: 1024,
      etag: '0123456789abcdef0123456789abcdef',
    });
    const deleted = await seenBy(s3Event('ObjectRemoved:DeleteMarkerCreated', 'a%ZZ'));
    expect(deleted.event).toMatchObject({ type: 'deleted', sizeBytes: 0, key: 'a%ZZ' });
  });

  it('of Kinesis records', async () => {
    const { event } = await seenBy(
      kinesisEvent('{"a":"grün"}', 'text', Uint8Array.of(0xff, 0x00, 0x01)),
    );
    expect(event).toMatchObject({
      source: 'clicks',
      shard: 'shardId-000000000006',
      records: [
        { partitionKey: 'key', time: TIME, data: { a: 'grün' } },
        { data: 'text' },
        { data: '/wAB' },
      ],
    });
  });

  it('of DynamoDB changes', async () => {
    const { event } = await seenBy(dynamodbEvent());
    const image = {
      id: 'a',
      count: 1,
      huge: '12345678901234567890',
      price: 9.5,
      yes: true,
      none: null,
      list: ['x', 2],
      map: { deep: 'grün' },
      tags: ['a', 'b'],
      numbers: [1, 2],
      bytes: 'AAE=',
    };
    const time = '2026-01-01T00:00:00.000Z';
    const key = { id: 'a' };
    expect(event).toEqual({
      source: 'users',
      records: [
        { sequenceNumber: '100', type: 'insert', time, key, newImage: image },
        { sequenceNumber: '101', type: 'modify', time, key, newImage: key, oldImage: image },
        { sequenceNumber: '102', type: 'remove', time, key, oldImage: key },
      ],
    });
  });

  it('of an EventBridge event, with and without our envelope', async () => {
    const form = {
      id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      source: 'user-service',
      type: 'UserRegistered',
      time: '2026-01-01T00:00:00.000Z',
      data: { user: 7 },
      subject: 'users/7',
    };
    expect((await seenBy(busEvent())).event).toEqual({ ...form, bus: 'default' });
    const head = { kind: 'bus', binding: 'bus-1', bus: 'shop' };
    const enveloped = await seenBy({ [MARK]: head, data: busEvent() });
    expect(enveloped.event).toEqual({ ...form, bus: 'shop' });
  });

  it('of a tick', async () => {
    const head = {
      kind: 'schedule',
      binding: 'timer',
      id: 'execution-1',
      scheduledTime: '2026-01-01T00:00:00Z',
    };
    const { event } = await seenBy({ [MARK]: head, data: { job: 'nightly' } });
    expect(event).toMatchObject({
      id: 'execution-1',
      source: 'timer',
      data: { job: 'nightly' },
      scheduledTime: '2026-01-01T00:00:00.000Z',
    });
    const ahead = { ...head, scheduledTime: '2099-01-01T00:00:00Z' };
    const later = await seenBy({ [MARK]: ahead });
    expect(later.event).toMatchObject({ time: '2099-01-01T00:00:00.000Z', data: null });
  });

  it('continues the trace of the message, else that of the call', async () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const traceparent = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
    const own = await seenBy({ Records: [sqsRecord('1', { traceHeader: header })] });
    expect(own.context['trace']).toEqual({ traceparent });
    const call = await seenBy(snsEvent('1'), { xRayTraceId: header.replace('d=1', 'd=0') });
    expect(call.context['trace']).toEqual({ traceparent: traceparent.replace(/01$/, '00') });
  });
});

describe('input that is nobody’s event', () => {
  it('reaches invoke as it is', async () => {
    const entry = entryOf({ invoke: (input) => ({ input }) });
    const inputs = [
      null,
      7,
      [],
      { Records: [] },
      { Records: [{ a: 1 }] },
      { version: '2.0' },
      { [MARK]: { kind: 'unknown' } },
    ];
    for (const input of inputs) {
      expect(await entry.handler(input, lambdaContext())).toEqual({ input });
    }
  });

  it('is not judged by its shape when we sent it', async () => {
    const entry = entryOf({ invoke: (input) => ({ input }) });
    const data = { Records: [sqsRecord('1')], [MARK]: { kind: 'warm', holdMs: 1 } };
    const head = { kind: 'invoke', requestId: 'mine' };
    const reply = await entry.handler({ [MARK]: head, data }, lambdaContext());
    expect(reply).toMatchObject({ data: { input: data } });
  });
});

describe('what a batch handler answers', () => {
  it('is told in Lambda’s words', async () => {
    const entry = entryOf({
      stream: (batch: { records: readonly { sequenceNumber: string }[] }) => ({
        retryFrom: batch.records[1]?.sequenceNumber,
      }),
      table: () => undefined,
    });
    expect(await entry.handler(kinesisEvent('1', '2'), lambdaContext())).toEqual({
      batchItemFailures: [{ itemIdentifier: '49590338271490256608559692538361284095671' }],
    });
    expect(await entry.handler(dynamodbEvent(), lambdaContext())).toEqual({
      batchItemFailures: [],
    });
  });

  it('fails whole when it names what is not in the batch', async () => {
    const entry = entryOf({ stream: () => ({ retryFrom: 'nowhere' }) });
    await expect(entry.handler(kinesisEvent('1'), lambdaContext())).rejects.toThrow('nowhere');
  });

  it('counts the deliveries of a batch that comes again', async () => {
    const attempts: number[] = [];
    const entry = entryOf({
      stream: (_batch, context: { attempt: number }) => {
        attempts.push(context.attempt);
        if (attempts.length < 3) throw new Error('again');
      },
    });
    for (const id of ['a', 'b']) {
      const context = lambdaContext({ awsRequestId: id });
      await expect(entry.handler(kinesisEvent('1'), context)).rejects.toThrow('again');
    }
    await entry.handler(kinesisEvent('1'), lambdaContext());
    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe('a Lambda handler on Lambda', () => {
  it('gets the event and the context that AWS gave', async () => {
    const event = kinesisEvent('1', '2');
    const itemIdentifier = event.Records[1]?.kinesis.sequenceNumber;
    const context = lambdaContext();
    const entry = entryOf(async (given, about) => {
      expect(given).toBe(event);
      expect(about).toBe(context);
      return { batchItemFailures: [{ itemIdentifier }], ignored: true };
    });
    expect(await entry.handler(event, context)).toEqual({
      batchItemFailures: [{ itemIdentifier }],
    });
  });

  it('gets the input of a schedule alone, and the event of a bus without our envelope', async () => {
    const seen: unknown[] = [];
    const entry = entryOf(async (event) => void seen.push(event));
    const schedule = {
      kind: 'schedule',
      binding: 'timer',
      id: 'execution-1',
      scheduledTime: '2026-01-01T00:00:00Z',
    };
    await entry.handler({ [MARK]: schedule, data: { job: 1 } }, lambdaContext());
    await entry.handler({ [MARK]: schedule }, lambdaContext());
    const bus = { kind: 'bus', binding: 'b', bus: 'shop' };
    await entry.handler({ [MARK]: bus, data: busEvent() }, lambdaContext());
    expect(seen[0]).toEqual({ job: 1 });
    expect(seen[1]).toMatchObject({ 'detail-type': 'Scheduled Event', account: '123456789012' });
    expect(seen[2]).toEqual(busEvent());
  });

  it('gets events that polyfaas knows nothing of, and answers them', async () => {
    const alb = { requestContext: { elb: {} }, httpMethod: 'GET', path: '/', headers: {} };
    const entry = entryOf(async (event) => ({ event }));
    expect(await entry.handler(alb, lambdaContext())).toEqual({ event: alb });
  });

  it('has its wrong answers refused', async () => {
    const entry = entryOf(async () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] }));
    await expect(entry.handler(kinesisEvent('1'), lambdaContext())).rejects.toThrow('unknown');
  });
});
