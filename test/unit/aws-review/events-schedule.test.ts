import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingIssues } from '../../../providers/aws/events/check.ts';
import { schedulerRoleName } from '../../../providers/aws/events/names.ts';
import { scheduleExpression } from '../../../providers/aws/events/schedule/cron.ts';
import { schedule, TARGET } from '../aws-events/bindings.ts';
import { EventWorld } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

describe('the role of the scheduler', () => {
  it('is another one in another region, where the function is another one too', () => {
    const there = {
      ...TARGET,
      functionArn: TARGET.functionArn.replace('eu-central-1', 'us-east-1'),
    };
    expect(schedulerRoleName(TARGET)).not.toBe(schedulerRoleName(there));
    expect(schedulerRoleName(TARGET)).toMatch(/^polyfaas-/);
    const long = { ...TARGET, physicalName: 'x'.repeat(64) };
    const longThere = { ...there, physicalName: 'x'.repeat(64) };
    expect(schedulerRoleName(long)).toHaveLength(64);
    expect(schedulerRoleName(long)).not.toBe(schedulerRoleName(longThere));
  });

  it('has the boundary that is asked for', async () => {
    const iam = await world.observer.iam();
    const boundaryArn = `arn:aws:iam::${world.fake.world.account}:policy/boundary`;
    const fn = await world.function('bounded');
    await fn.bind([schedule('c')], { boundaryArn });
    const { Role } = await iam.getRole({ RoleName: schedulerRoleName(fn.target) });
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(boundaryArn);
    await fn.remove();
  });
});

describe('a schedule that somebody set', () => {
  it('is left alone when an interrupted change is cleaned up', async () => {
    const fn = await world.function('timed');
    const iam = await world.observer.iam();
    const { Role } = await iam.createRole({
      RoleName: 'theirs',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    });
    await world.clock.advance(30_000);
    const scheduler = await world.observer.scheduler();
    await scheduler.createSchedule({
      Name: `${fn.target.physicalName}-nightly`,
      ScheduleExpression: 'cron(0 3 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: fn.alias, RoleArn: Role?.Arn ?? '' },
    });
    await fn.bind([schedule('c')]);
    // The record forgot the binding, as after a crash.
    fn.record = { ...fn.record, bindings: [], pending: ['c'] };
    await fn.bind([]);
    const { Schedules = [] } = await scheduler.listSchedules({});
    expect(Schedules.map(({ Name }) => Name)).toEqual([`${fn.target.physicalName}-nightly`]);
  });
});

describe('the input of a schedule', () => {
  it('is measured as it is sent', () => {
    const issues = (input: string) => bindingIssues('main', schedule('c', { input }));
    expect(issues('x'.repeat(100_000))).toEqual([]);
    expect(issues('<'.repeat(100_000))).toMatchObject([{ path: 'functions.main.events.c.input' }]);
  });
});

describe('cron', () => {
  it.each([
    ['0 0 */1 * 1', 'cron(0 0 ? * MON *)'],
    ['0 0 1-31 * MON', 'cron(0 0 ? * MON *)'],
    ['0 0 15 * */1', 'cron(0 0 15 * ? *)'],
    ['0 0 15 * 0-7', 'cron(0 0 15 * ? *)'],
    ['0 0 * * 7', 'cron(0 0 ? * SUN *)'],
    ['0 0 * * FRI-SUN', 'cron(0 0 ? * SUN,FRI,SAT *)'],
    ['0,30 8-18/2 * jan-mar,dec mon-fri', 'cron(0,30 8,10,12,14,16,18 ? 1-3,12 MON-FRI *)'],
  ])('%s', (cron, expression) => {
    expect(scheduleExpression({ cron })).toEqual({ expression });
  });

  it.each(['0 0 1 * 0', '0 0 */2 * MON', '0 0 L * 5'])('%s is refused', (cron) => {
    expect(scheduleExpression({ cron }).problem).toContain('declare two schedules');
  });
});
