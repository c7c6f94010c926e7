import { EventBridge, type Target } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsFault } from '../../fakes/aws/core/service.ts';
import { createEventsService } from '../../fakes/aws/events/index.ts';
import { DEAD, failureOf, FUNCTION, QUEUE, serve, Surroundings } from './world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const PATTERN = JSON.stringify({ source: ['orders'] });
const RULE_ARN = 'arn:aws:events:eu-west-1:123456789012:rule/shop/all';

async function started() {
  const around = new Surroundings();
  const served = await serve(createEventsService(around.world()));
  const events = new EventBridge(served.config);
  ends.push(served.stop, async () => events.destroy());
  const entry = {
    EventBusName: 'shop',
    Source: 'orders',
    DetailType: 'Paid',
    Detail: JSON.stringify({ id: 7 }),
  };
  return {
    around,
    events,
    fake: served.service,
    entry,
    /** A bus with one rule and these targets. */
    async bound(...Targets: Target[]) {
      await events.createEventBus({ Name: 'shop' });
      await events.putRule({ Name: 'all', EventBusName: 'shop', EventPattern: PATTERN });
      return events.putTargets({ Rule: 'all', EventBusName: 'shop', Targets });
    },
    async put(change: Partial<typeof entry> = {}) {
      const reply = await events.putEvents({ Entries: [{ ...entry, ...change }] });
      await around.settle();
      return reply;
    },
  };
}

describe('buses and rules', () => {
  it('are made, described, listed and deleted in their order', async () => {
    const { events, bound, fake } = await started();
    expect(await failureOf(events.describeEventBus({ Name: 'shop' }))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Event bus shop does not exist.',
    });
    await bound({ Id: 'fn', Arn: FUNCTION });
    expect(await failureOf(events.createEventBus({ Name: 'shop' }))).toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    const buses = await events.listEventBuses({});
    expect(buses.EventBuses?.map((bus) => bus.Name)).toEqual(['default', 'shop']);
    expect(await events.describeRule({ Name: 'all', EventBusName: 'shop' })).toMatchObject({
      Arn: RULE_ARN,
      State: 'ENABLED',
      EventPattern: PATTERN,
    });
    expect(fake.inventory()).toEqual([
      'events bus shop',
      'events rule shop/all',
      'events target shop/all/fn',
    ]);
    expect(await failureOf(events.deleteEventBus({ Name: 'shop' }))).toMatchObject({
      name: 'ValidationException',
    });
    const deleteRule = () => events.deleteRule({ Name: 'all', EventBusName: 'shop' });
    expect(await failureOf(deleteRule())).toMatchObject({
      message: "Rule can't be deleted since it has targets.",
    });
    await events.removeTargets({ Rule: 'all', EventBusName: 'shop', Ids: ['fn'] });
    await deleteRule();
    await deleteRule();
    await events.deleteEventBus({ Name: 'shop' });
    expect(fake.inventory()).toEqual([]);
    expect(await failureOf(events.deleteEventBus({ Name: 'default' }))).toMatchObject({
      message: 'Cannot delete event bus default.',
    });
  });

  it('keep their targets when a rule is put again', async () => {
    const { events, bound } = await started();
    await bound({ Id: 'fn', Arn: FUNCTION });
    const EventPattern = JSON.stringify({ source: ['other'] });
    await events.putRule({ Name: 'all', EventBusName: 'shop', EventPattern, State: 'DISABLED' });
    const targets = await events.listTargetsByRule({ Rule: 'all', EventBusName: 'shop' });
    expect(targets.Targets).toEqual([{ Id: 'fn', Arn: FUNCTION }]);
    const names = await events.listRuleNamesByTarget({ TargetArn: FUNCTION, EventBusName: 'shop' });
    expect(names.RuleNames).toEqual(['all']);
    expect((await events.listRules({ EventBusName: 'shop' })).Rules).toMatchObject([
      { Name: 'all', State: 'DISABLED', EventPattern },
    ]);
  });

  it('carry tags', async () => {
    const { events } = await started();
    const Tags = [{ Key: 'polyfaas:app', Value: 'shop' }];
    const { EventBusArn: ResourceARN } = await events.createEventBus({ Name: 'shop', Tags });
    await events.tagResource({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] });
    await events.untagResource({ ResourceARN, TagKeys: ['b'] });
    expect((await events.listTagsForResource({ ResourceARN })).Tags).toEqual(Tags);
    expect(
      await failureOf(events.listTagsForResource({ ResourceARN: `${ResourceARN}2` })),
    ).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('are refused when they are wrong', async () => {
    const { events } = await started();
    const rule = { Name: 'r', EventPattern: PATTERN };
    expect(
      await failureOf(events.putRule({ ...rule, EventPattern: '{"source":"orders"}' })),
    ).toEqual({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: "source" must be an object or an array',
    });
    expect(await failureOf(events.putRule({ Name: 'r' }))).toMatchObject({
      message: 'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    });
    expect(await failureOf(events.putRule({ ...rule, Name: 'a b' }))).toMatchObject({
      name: 'ValidationException',
    });
    expect(await failureOf(events.putRule({ ...rule, EventBusName: 'none' }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('tell whether a pattern fits', async () => {
    const { events } = await started();
    const Event = JSON.stringify({
      id: '1',
      account: '1',
      source: 'orders',
      time: '2026-11-20T12:00:00Z',
      region: 'eu-west-1',
      resources: [],
      'detail-type': 'Paid',
    });
    expect((await events.testEventPattern({ EventPattern: PATTERN, Event })).Result).toBe(true);
  });
});

describe('targets', () => {
  it('are at most five', async () => {
    const { bound } = await started();
    const targets = Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: FUNCTION }));
    expect(await failureOf(bound(...targets))).toMatchObject({ name: 'LimitExceededException' });
  });

  it.each([
    [{ Input: '{}', InputPath: '$.detail' }, 'Only one of Input, InputPath, or InputTransformer'],
    [{ Input: 'no json' }, 'Invalid Input for target t'],
    [{ InputTransformer: { InputTemplate: '{"a": <b>}' } }, 'invalid placeholder b'],
    [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, 'less than or equal to 185'],
    [{ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, 'greater than or equal to 60'],
    [{ Arn: 'fn' }, 'Provided Arn is not in correct format.'],
    [{ Arn: `${QUEUE}.fifo` }, 'Parameter(s) SqsParameters must be specified for target: t.'],
  ])('are refused with %j', async (change, message) => {
    const { bound } = await started();
    expect(await failureOf(bound({ Id: 't', Arn: FUNCTION, ...change }))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  it('fail alone, and the call succeeds', async () => {
    const { bound, events } = await started();
    const elsewhere = FUNCTION.replace('eu-west-1', 'us-east-1');
    const reply = await bound({ Id: 'good', Arn: FUNCTION }, { Id: 'bad', Arn: elsewhere });
    expect(reply).toMatchObject({ FailedEntryCount: 1, FailedEntries: [{ TargetId: 'bad' }] });
    const { Targets } = await events.listTargetsByRule({ Rule: 'all', EventBusName: 'shop' });
    expect(Targets?.map((target) => target.Id)).toEqual(['good']);
  });
});

describe('events', () => {
  it('reach the targets of the rules they fit', async () => {
    const { around, bound, put } = await started();
    await bound({ Id: 'fn', Arn: FUNCTION }, { Id: 'queue', Arn: QUEUE });
    const { Entries } = await put();
    await put({ Source: 'billing' });
    const event = {
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'Paid',
      source: 'orders',
      account: '123456789012',
      time: '2026-11-20T12:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { id: 7 },
    };
    expect(around.invoked).toEqual([
      {
        arn: FUNCTION,
        payload: JSON.stringify(event),
        source: { principal: 'events.amazonaws.com', sourceArn: RULE_ARN },
      },
    ]);
    expect(around.sent).toMatchObject([{ queue: QUEUE, body: JSON.stringify(event) }]);
  });

  it('come in the form that the target asks for', async () => {
    const { around, bound, put } = await started();
    const transformer = {
      InputPathsMap: { id: '$.detail.id' },
      InputTemplate:
        '{"id": <id>, "data": <aws.events.event.json>, "by": "<aws.events.rule-name>"}',
    };
    await bound(
      { Id: 'a', Arn: FUNCTION, InputTransformer: transformer },
      { Id: 'b', Arn: FUNCTION, InputPath: '$.detail' },
      { Id: 'c', Arn: FUNCTION, Input: '"constant"' },
    );
    await put();
    expect(around.payloads()).toEqual([
      {
        id: 7,
        by: 'all',
        data: expect.objectContaining({ 'detail-type': 'Paid', detail: { id: 7 } }),
      },
      { id: 7 },
      'constant',
    ]);
  });

  it('do not pass a disabled rule', async () => {
    const { around, bound, put, events } = await started();
    await bound({ Id: 'fn', Arn: FUNCTION });
    await events.disableRule({ Name: 'all', EventBusName: 'shop' });
    await put();
    expect(around.invoked).toEqual([]);
    await events.enableRule({ Name: 'all', EventBusName: 'shop' });
    await put();
    expect(around.invoked).toHaveLength(1);
  });

  it.each([
    [{ Detail: '"text"' }, 'MalformedDetail'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Detail: '{' }, 'MalformedDetail'],
    [{ Source: '' }, 'InvalidArgument'],
    [{ Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
  ])('with %j fail alone', async (change, ErrorCode) => {
    const { events, entry } = await started();
    const reply = await events.putEvents({ Entries: [{ ...entry, ...change }, entry] });
    expect(reply).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode }, { EventId: expect.any(String) }],
    });
  });

  it('are at most ten, and a megabyte', async () => {
    const { events, entry } = await started();
    const eleven = events.putEvents({ Entries: Array.from({ length: 11 }, () => entry) });
    expect(await failureOf(eleven)).toMatchObject({ name: 'ValidationException' });
    const Detail = JSON.stringify({ text: 'x'.repeat(1_100_000) });
    expect(await failureOf(events.putEvents({ Entries: [{ ...entry, Detail }] }))).toMatchObject({
      message: 'Total size of the entries in the request is over the limit.',
    });
  });

  it('go to the dead-letter queue at once when the target does not let them in', async () => {
    const { around, bound, put } = await started();
    await bound({ Id: 'fn', Arn: FUNCTION, DeadLetterConfig: { Arn: DEAD } });
    around.mayInvoke.add('nobody');
    await put();
    expect(around.sent).toMatchObject([
      {
        queue: DEAD,
        options: {
          attributes: { RULE_ARN, TARGET_ARN: FUNCTION, RETRY_ATTEMPTS: '0' },
        },
      },
    ]);
    around.queuesAreOpen = false;
    await put();
    expect(around.sent).toHaveLength(1);
  });

  it('are tried again, as often as the target says, while it is throttled', async () => {
    const { around, bound, put } = await started();
    const throttled = new AwsFault(429, 'TooManyRequestsException', 'Rate exceeded');
    const RetryPolicy = { MaximumRetryAttempts: 2 };
    await bound({ Id: 'fn', Arn: FUNCTION, RetryPolicy, DeadLetterConfig: { Arn: DEAD } });
    around.invokeFaults.push(throttled);
    await put();
    await around.advance(1000);
    expect(around.invoked).toHaveLength(1);
    around.invokeFaults.push(throttled, throttled, throttled);
    await put();
    await around.advance(10_000);
    expect(around.invoked).toHaveLength(1);
    expect(around.sent).toMatchObject([
      {
        options: {
          attributes: { RETRY_ATTEMPTS: '2', EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' },
        },
      },
    ]);
  });

  it('are put by the tests, too', async () => {
    const { around, bound, fake } = await started();
    await bound({ Id: 'fn', Arn: FUNCTION });
    fake.port.put({ bus: 'shop', source: 'orders', detailType: 'Paid', detail: '{"id":1}' });
    await around.settle();
    expect(around.payloads()).toMatchObject([{ detail: { id: 1 } }]);
    expect(fake.port.busExists('shop')).toBe(true);
    expect(fake.port.busExists('arn:aws:events:eu-west-1:123456789012:event-bus/shop')).toBe(true);
    expect(fake.port.busExists('other')).toBe(false);
  });
});
