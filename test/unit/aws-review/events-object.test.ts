import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingIssues } from '../../../providers/aws/events/check.ts';
import { bucket } from '../aws-events/bindings.ts';
import { EventWorld } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function entriesOf(name: string) {
  const s3 = await world.observer.s3();
  const found = await s3.getBucketNotificationConfiguration({ Bucket: name });
  return found.LambdaFunctionConfigurations ?? [];
}

async function theirs(name: string, notified?: string): Promise<void> {
  const s3 = await world.observer.s3();
  await s3.createBucket({
    Bucket: name,
    CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
  });
  if (notified === undefined) return;
  await s3.putBucketNotificationConfiguration({
    Bucket: name,
    NotificationConfiguration: {
      LambdaFunctionConfigurations: [
        {
          Id: 'theirs',
          LambdaFunctionArn: notified,
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'day%3D1/' }] } },
        },
      ],
    },
  });
}

describe('a filter', () => {
  it('with special characters is written as S3 wants it', async () => {
    const fn = await world.function('hive');
    const wished = [
      bucket('o', { bucket: 'lake', prefix: 'year=2026/my files/', suffix: '+ä.csv' }),
    ];
    await fn.bind(wished);
    const [entry] = await entriesOf('lake');
    expect(entry?.Filter?.Key?.FilterRules?.map(({ Value }) => Value)).toEqual([
      'year%3D2026/my+files/',
      '%2B%C3%A4.csv',
    ]);
    // It comes back so, and that is what is wished.
    fn.record = { ...fn.record, pending: ['o'] };
    const writes = world.fake.faults.writes;
    await fn.bind(wished);
    expect(world.fake.faults.writes).toBe(writes);
    await fn.remove();
  });

  it('is as long as what is written', () => {
    const issues = bindingIssues('main', bucket('o', { prefix: '='.repeat(400) }));
    expect(issues).toMatchObject([{ path: 'functions.main.events.o.prefix' }]);
  });
});

describe('a bucket', () => {
  it('that is refused is not let in to the function', async () => {
    const other = await world.function('first');
    await world.observer.lambda().then((lambda) =>
      lambda.addPermission({
        FunctionName: other.target.physicalName,
        Qualifier: 'live',
        StatementId: 'theirs',
        Action: 'lambda:InvokeFunction',
        Principal: 's3.amazonaws.com',
        SourceArn: 'arn:aws:s3:::contested',
        SourceAccount: world.fake.world.account,
      }),
    );
    await theirs('contested', other.alias);
    const fn = await world.function('second');
    const wished = bucket('o', { bucket: 'contested', create: false, prefix: 'day=1/deep/' });
    await expect(fn.bind([wished])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"theirs"'),
    });
    const caller = {
      principal: 's3.amazonaws.com',
      sourceArn: 'arn:aws:s3:::contested',
      sourceAccount: world.fake.world.account,
    };
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(false);
  });

  it('is shared by functions and bindings whose names run into each other', async () => {
    await theirs('common');
    const one = await world.function('a-b');
    const two = await world.function('a');
    await one.bind([bucket('c', { bucket: 'common', create: false, prefix: 'one/' })]);
    await two.bind([bucket('b-c', { bucket: 'common', create: false, prefix: 'two/' })]);
    expect(await entriesOf('common')).toHaveLength(2);
    await one.remove();
    expect(await entriesOf('common')).toMatchObject([{ LambdaFunctionArn: two.alias }]);
    await two.remove();
  });
});
