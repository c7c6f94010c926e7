import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, policyOf, REGION, refusal, trustOf, useSubject } from './support.ts';
import { zipOf } from './zip.ts';

const subject = useSubject();

describe('the whole fake', () => {
  it('runs a function that a queue feeds, with the role that it has', async () => {
    const { fake, clock } = subject();
    const settings = subject().settings();
    const iam = new IAM(settings);
    const lambda = new Lambda(settings);
    const sqs = new SQS(settings);
    const queueArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;
    const { Role } = await iam.createRole({
      RoleName: 'worker',
      AssumeRolePolicyDocument: trustOf('lambda.amazonaws.com'),
    });
    const wish = {
      FunctionName: 'worker',
      Role: Role?.Arn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: {
        ZipFile: await zipOf(
          'export const handler = async (event) => { console.log("got " + (event.Records?.[0].body ?? event.n)); return { twice: event.n * 2 }; };',
        ),
      },
    } as const;
    expect(await refusal(lambda.createFunction(wish))).toEqual([
      'InvalidParameterValueException',
      400,
    ]);
    await iam.putRolePolicy({
      RoleName: 'worker',
      PolicyName: 'work',
      PolicyDocument: policyOf(
        ['logs:*', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        ['arn:aws:logs:*:*:*', queueArn],
      ),
    });
    await clock.advance(5000);
    await lambda.createFunction(wish);
    await clock.advance(10_000);
    const reply = await lambda.invoke({ FunctionName: 'worker', Payload: '{"n":21}' });
    expect(reply.Payload?.transformToString()).toBe('{"twice":42}');

    const logs = new CloudWatchLogs(settings);
    await logs.createLogGroup({ logGroupName: '/aws/lambda/worker' });
    const { QueueUrl } = await sqs.createQueue({ QueueName: 'orders' });
    await lambda.createEventSourceMapping({ FunctionName: 'worker', EventSourceArn: queueArn });
    await clock.advance(60_000);
    await sqs.sendMessage({ QueueUrl, MessageBody: 'order 7' });
    await clock.advance(20_000);
    await fake.settle();
    expect(fake.world.sqs.peek(queueArn)).toEqual([]);
    await clock.advance(3000);
    const { events } = await logs.filterLogEvents({
      logGroupName: '/aws/lambda/worker',
      filterPattern: 'got',
    });
    expect(events?.map(({ message }) => message?.includes('order 7'))).toEqual([true]);
    expect(fake.world.work.failures).toEqual([]);
    expect(fake.inventory()).toEqual(
      expect.arrayContaining([
        'iam role worker',
        'sqs queue orders',
        'logs group /aws/lambda/worker',
      ]),
    );
  });

  it('has functions of strangers, and tells when somebody lays hands on them', async () => {
    const { fake } = subject();
    const before = fake.inventory();
    const stranger = await fake.stranger('namesake');
    const lambda = new Lambda(subject().settings());
    await subject().clock.advance(10_000);
    expect((await lambda.getFunction({ FunctionName: 'namesake' })).Tags).toEqual({
      owner: 'somebody-else',
    });
    expect(await stranger.untouched()).toBe(true);
    await lambda.updateFunctionConfiguration({ FunctionName: 'namesake', MemorySize: 256 });
    expect(await stranger.untouched()).toBe(false);
    await subject().clock.advance(10_000);
    await stranger.remove();
    expect(fake.inventory()).toEqual(before);
  });

  it('sends dead letters back', async () => {
    const { fake, clock } = subject();
    const sqs = new SQS(subject().settings());
    await sqs.createQueue({ QueueName: 'dead' });
    const deadLetterTargetArn = fake.world.sqs.arnOf('dead');
    const { QueueUrl } = await sqs.createQueue({
      QueueName: 'source',
      Attributes: {
        VisibilityTimeout: '1',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
      },
    });
    await sqs.sendMessage({ QueueUrl, MessageBody: 'a' });
    await sqs.receiveMessage({ QueueUrl });
    await clock.advance(2000);
    await sqs.receiveMessage({ QueueUrl });
    expect(fake.world.sqs.peek(deadLetterTargetArn)).toHaveLength(1);
    expect(await fake.redrive('dead')).toBe(1);
    expect(fake.world.sqs.peek(fake.world.sqs.arnOf('source')).map(({ body }) => body)).toEqual([
      'a',
    ]);
  });
});
