import { Scheduler, type CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsFault } from '../../fakes/aws/core/service.ts';
import { createSchedulerService } from '../../fakes/aws/scheduler/index.ts';
import { DEAD, failureOf, FUNCTION, QUEUE, ROLE, serve, Surroundings } from './world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const MINUTE = 60_000;
const TARGET = {
  Arn: FUNCTION,
  RoleArn: ROLE,
  Input: '{"at":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>"}',
};
const WISH = {
  Name: 'timer',
  ScheduleExpression: 'rate(5 minutes)',
  StartDate: new Date('2026-11-20T12:05:00Z'),
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: TARGET,
} satisfies CreateScheduleCommandInput;

async function started() {
  const around = new Surroundings();
  const served = await serve(createSchedulerService(around.world()));
  const scheduler = new Scheduler(served.config);
  ends.push(served.stop, async () => scheduler.destroy());
  const times = () =>
    around
      .payloads()
      .map((payload) => (payload instanceof Object && 'at' in payload ? payload.at : payload));
  return { around, scheduler, fake: served.service, times };
}

describe('schedules', () => {
  it('are made, shown with their defaults, changed and deleted', async () => {
    const { scheduler, fake } = await started();
    const { ScheduleArn } = await scheduler.createSchedule({ ...WISH, Description: 'mine' });
    expect(ScheduleArn).toBe('arn:aws:scheduler:eu-west-1:123456789012:schedule/default/timer');
    expect(await failureOf(scheduler.createSchedule(WISH))).toEqual({
      name: 'ConflictException',
      message: 'Schedule timer already exists.',
    });
    expect(await scheduler.getSchedule({ Name: 'timer' })).toMatchObject({
      Arn: ScheduleArn,
      GroupName: 'default',
      ScheduleExpression: 'rate(5 minutes)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      Description: 'mine',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        ...TARGET,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
      CreationDate: new Date('2026-11-20T12:00:00Z'),
    });
    expect(fake.inventory()).toEqual(['scheduler schedule default/timer']);
    await scheduler.updateSchedule({ ...WISH, State: 'DISABLED' });
    const after = await scheduler.getSchedule({ Name: 'timer' });
    expect(after.State).toBe('DISABLED');
    expect(after.Description).toBeUndefined();
    const { Schedules } = await scheduler.listSchedules({ State: 'DISABLED' });
    expect(Schedules).toMatchObject([{ Name: 'timer', Target: { Arn: FUNCTION } }]);
    await scheduler.deleteSchedule({ Name: 'timer' });
    for (const call of [
      scheduler.getSchedule({ Name: 'timer' }),
      scheduler.deleteSchedule({ Name: 'timer' }),
      scheduler.updateSchedule(WISH),
    ]) {
      expect(await failureOf(call)).toEqual({
        name: 'ResourceNotFoundException',
        message: 'Schedule timer does not exist.',
      });
    }
  });

  it('are not made twice by a call that is sent again', async () => {
    const { scheduler } = await started();
    const first = await scheduler.createSchedule({ ...WISH, ClientToken: 'once' });
    const second = await scheduler.createSchedule({ ...WISH, ClientToken: 'once' });
    expect(second.ScheduleArn).toBe(first.ScheduleArn);
  });

  it.each<[Partial<CreateScheduleCommandInput>, string]>([
    [{ ScheduleExpression: 'rate(1 minutes)' }, 'Invalid Schedule Expression rate(1 minutes).'],
    [{ ScheduleExpression: '* * * * *' }, 'Invalid Schedule Expression * * * * *.'],
    [{ ScheduleExpressionTimezone: 'Mars/Base' }, 'Invalid ScheduleExpressionTimezone Mars/Base.'],
    [{ FlexibleTimeWindow: undefined }, "at 'flexibleTimeWindow'"],
    [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'MaximumWindowInMinutes is required'],
    [{ Name: 'a b' }, 'Member must satisfy regular expression pattern'],
    [{ Name: 'x'.repeat(65) }, 'length less than or equal to 64'],
    [
      { Target: { ...TARGET, RetryPolicy: { MaximumRetryAttempts: 186 } } },
      'less than or equal to 185',
    ],
    [
      { Target: { ...TARGET, RetryPolicy: { MaximumEventAgeInSeconds: 59 } } },
      'greater than or equal to 60',
    ],
    [{ Target: { ...TARGET, Input: 'no json' } }, 'it is not well-formed JSON'],
    [{ Target: { ...TARGET, Arn: 'fn' } }, 'Provided Arn is not in correct format.'],
    [
      { Target: { ...TARGET, RoleArn: `${ROLE}-fresh` } },
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    ],
  ])('are refused with %j', async (change, message) => {
    const { scheduler } = await started();
    expect(await failureOf(scheduler.createSchedule({ ...WISH, ...change }))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });
});

describe('groups', () => {
  it('hold schedules, carry tags, and go away a little later with what they hold', async () => {
    const { scheduler, around, fake } = await started();
    const Tags = [{ Key: 'polyfaas:app', Value: 'shop' }];
    const { ScheduleGroupArn } = await scheduler.createScheduleGroup({ Name: 'shop', Tags });
    expect(await failureOf(scheduler.createScheduleGroup({ Name: 'shop' }))).toMatchObject({
      name: 'ConflictException',
    });
    await scheduler.createSchedule({ ...WISH, GroupName: 'shop' });
    expect(await failureOf(scheduler.createSchedule({ ...WISH, GroupName: 'no' }))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Schedule group no does not exist.',
    });
    const ResourceArn = ScheduleGroupArn;
    await scheduler.tagResource({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    await scheduler.untagResource({ ResourceArn, TagKeys: ['b'] });
    expect((await scheduler.listTagsForResource({ ResourceArn })).Tags).toEqual(Tags);
    const groups = await scheduler.listScheduleGroups({ NamePrefix: 's' });
    expect(groups.ScheduleGroups?.map((group) => group.Name)).toEqual(['shop']);
    const listed = await scheduler.listSchedules({ GroupName: 'shop' });
    expect(listed.Schedules).toHaveLength(1);

    await scheduler.deleteScheduleGroup({ Name: 'shop' });
    expect((await scheduler.getScheduleGroup({ Name: 'shop' })).State).toBe('DELETING');
    const late = scheduler.createSchedule({ ...WISH, Name: 'late', GroupName: 'shop' });
    expect(await failureOf(late)).toMatchObject({ name: 'ConflictException' });
    await around.advance(10_000);
    expect(await failureOf(scheduler.getScheduleGroup({ Name: 'shop' }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(fake.inventory()).toEqual([]);
    await around.advance(10 * MINUTE);
    expect(around.invoked).toEqual([]);
  });
});

describe('firing', () => {
  it('happens once at every time that is due, with its attributes filled in', async () => {
    const { scheduler, around, times } = await started();
    await scheduler.createSchedule(WISH);
    await around.advance(4 * MINUTE);
    expect(times()).toEqual([]);
    await around.advance(12 * MINUTE);
    expect(times()).toEqual([
      '2026-11-20T12:05:00Z',
      '2026-11-20T12:10:00Z',
      '2026-11-20T12:15:00Z',
    ]);
    expect(around.invoked[0]).toMatchObject({ arn: FUNCTION });
    expect(around.invoked[0]?.source).toBeUndefined();
    const ids = around.invoked.map(({ payload }) => /"id":"([^"]+)"/.exec(payload)?.[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('begins at once when a rate has no start date', async () => {
    const { scheduler, around, times } = await started();
    const { StartDate: _, ...wish } = WISH;
    await scheduler.createSchedule(wish);
    await around.advance(6 * MINUTE);
    expect(times()).toEqual(['2026-11-20T12:00:00Z', '2026-11-20T12:05:00Z']);
  });

  it('follows the calendar in the time zone', async () => {
    const { scheduler, around, times } = await started();
    await scheduler.createSchedule({
      ...WISH,
      ScheduleExpression: 'cron(30 9 * * ? *)',
      ScheduleExpressionTimezone: 'Asia/Kolkata',
    });
    await around.advance(48 * 60 * MINUTE);
    expect(times()).toEqual(['2026-11-21T04:00:00Z', '2026-11-22T04:00:00Z']);
  });

  it('keeps the phase of a rate over updates, unless the rate changes', async () => {
    const { scheduler, around, times } = await started();
    await scheduler.createSchedule(WISH);
    await around.advance(3 * MINUTE);
    await scheduler.updateSchedule({ ...WISH, Description: 'changed' });
    await around.advance(3 * MINUTE);
    expect(times()).toEqual(['2026-11-20T12:05:00Z']);
    await scheduler.updateSchedule({ ...WISH, ScheduleExpression: 'rate(2 minutes)' });
    await around.advance(2 * MINUTE);
    expect(times().slice(1)).toEqual(['2026-11-20T12:07:00Z']);
  });

  it('stops while the schedule is disabled, and when it is deleted', async () => {
    const { scheduler, around, times } = await started();
    await scheduler.createSchedule({ ...WISH, State: 'DISABLED' });
    await around.advance(6 * MINUTE);
    expect(times()).toEqual([]);
    await scheduler.updateSchedule(WISH);
    await around.advance(5 * MINUTE);
    expect(times()).toEqual(['2026-11-20T12:10:00Z']);
    await scheduler.deleteSchedule({ Name: 'timer' });
    await around.advance(10 * MINUTE);
    expect(times()).toHaveLength(1);
  });

  it('happens once for a time, after which the schedule may delete itself', async () => {
    const { scheduler, around, fake } = await started();
    const ScheduleExpression = 'at(2026-11-20T12:10:00)';
    await scheduler.createSchedule({ ...WISH, Name: 'kept', ScheduleExpression });
    await scheduler.createSchedule({
      ...WISH,
      Name: 'gone',
      ScheduleExpression,
      ActionAfterCompletion: 'DELETE',
    });
    await around.advance(60 * MINUTE);
    expect(around.invoked).toHaveLength(2);
    expect(fake.inventory()).toEqual(['scheduler schedule default/kept']);
  });

  it('sends an event of its own when there is no input', async () => {
    const { scheduler, around } = await started();
    await scheduler.createSchedule({ ...WISH, Target: { Arn: FUNCTION, RoleArn: ROLE } });
    await around.advance(5 * MINUTE);
    expect(around.payloads()).toMatchObject([
      { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time: '2026-11-20T12:05:00Z' },
    ]);
  });

  it('needs a role that may invoke; what it may not goes to the dead-letter queue', async () => {
    const { scheduler, around } = await started();
    const queue = { Arn: QUEUE, RoleArn: ROLE, DeadLetterConfig: { Arn: DEAD } };
    await scheduler.createSchedule({ ...WISH, Target: { ...TARGET, Arn: `${FUNCTION}2` } });
    await scheduler.createSchedule({ ...WISH, Name: 'queue', Target: queue });
    await around.advance(5 * MINUTE);
    expect(around.sent.map((sent) => sent.queue)).toEqual([QUEUE]);
    await scheduler.updateSchedule({
      ...WISH,
      Target: { ...TARGET, Arn: `${FUNCTION}2`, DeadLetterConfig: { Arn: DEAD } },
    });
    await around.advance(5 * MINUTE);
    expect(around.sent.filter((sent) => sent.queue === DEAD)).toMatchObject([
      { options: { attributes: { ERROR_CODE: 'ResourceNotFoundException' } } },
    ]);
    around.roleMayInvoke = false;
    await around.advance(5 * MINUTE);
    expect(around.invoked).toEqual([]);
  });

  it('is tried again while the function is throttled', async () => {
    const { scheduler, around } = await started();
    const Input = '{"attempt":<aws.scheduler.attempt-number>}';
    await scheduler.createSchedule({ ...WISH, Target: { ...TARGET, Input } });
    around.invokeFaults.push(new AwsFault(429, 'TooManyRequestsException', 'Rate exceeded'));
    await around.advance(6 * MINUTE);
    expect(around.payloads()).toEqual([{ attempt: 2 }]);
  });
});
