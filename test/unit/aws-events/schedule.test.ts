import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedule } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function schedules() {
  const scheduler = await world.observer.scheduler();
  const { Schedules = [] } = await scheduler.listSchedules({ GroupName: 'default' });
  return Promise.all(
    Schedules.map(({ Name }) => scheduler.getSchedule({ Name, GroupName: 'default' })),
  );
}

describe('schedules', () => {
  it('are set with a role of their own, changed, stopped, and leave nothing', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('orders');
    const began = world.clock.now();
    await fn.bind([schedule('c', { input: { job: 1 } })]);
    const [first] = await schedules();
    expect(first).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: fn.alias,
        RoleArn: expect.stringContaining('polyfaas-shop-dev-orders-eu-central-1-scheduler'),
      },
    });
    expect(JSON.parse(first?.Target?.Input ?? '')).toEqual({
      $polyfaas: {
        kind: 'schedule',
        binding: 'c',
        id: '<aws.scheduler.execution-id>',
        scheduledTime: '<aws.scheduler.scheduled-time>',
      },
      data: { job: 1 },
    });
    // The first tick comes when the interval has passed.
    const start = first?.StartDate?.getTime() ?? 0;
    expect(start).toBeGreaterThanOrEqual(began + 300_000);
    expect(start).toBeLessThanOrEqual(world.clock.now() + 300_000);

    // A change of the input keeps the beat.
    await world.clock.advance(700_000);
    await fn.bind([schedule('c', { input: { job: 2 } })]);
    const [second] = await schedules();
    const next = second?.StartDate?.getTime() ?? 0;
    expect((next - start) % 300_000).toBe(0);
    expect(next).toBeGreaterThan(world.clock.now());
    expect(next).toBeLessThanOrEqual(world.clock.now() + 300_000);

    await fn.bind([
      schedule('c', {
        when: { cron: '30 9 * * MON-FRI' },
        timezone: 'Asia/Kolkata',
        enabled: false,
      }),
    ]);
    expect(await schedules()).toMatchObject([
      {
        ScheduleExpression: 'cron(30 9 ? * MON-FRI *)',
        ScheduleExpressionTimezone: 'Asia/Kolkata',
        State: 'DISABLED',
      },
    ]);
    await fn.bind([]);
    expect(await schedules()).toEqual([]);
    expect(world.fake.inventory().join()).not.toContain(
      'polyfaas-shop-dev-orders-eu-central-1-scheduler',
    );
    await fn.bind([schedule('d')]);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('do not take a role of somebody else’s', async () => {
    const iam = await world.observer.iam();
    await iam.createRole({
      RoleName: 'polyfaas-shop-dev-guest-eu-central-1-scheduler',
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
    const fn = await world.function('guest');
    await expect(fn.bind([schedule('c')])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await fn.remove();
    await expect(
      iam.getRole({ RoleName: 'polyfaas-shop-dev-guest-eu-central-1-scheduler' }),
    ).resolves.toBeDefined();
  });
});
