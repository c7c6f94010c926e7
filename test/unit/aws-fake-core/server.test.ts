import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { S3 } from '@aws-sdk/client-s3';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWrite } from '../../fakes/aws/core/faults.ts';
import { refusal, startSubject, type Subject } from './support.ts';

let subject: Subject;
const told: string[] = [];

beforeEach(async () => {
  told.length = 0;
  subject = await startSubject((service, operation, _, reply) => {
    told.push(`${service} ${operation} ${reply.status}`);
  });
});
afterEach(() => subject.stop());

const logs = (settings = subject.settings()): CloudWatchLogs => new CloudWatchLogs(settings);
const groups = (): readonly string[] => subject.fake.inventory();
const create = (logGroupName: string): Promise<unknown> => logs().createLogGroup({ logGroupName });

describe('who calls', () => {
  const stranger = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };

  it('is refused with an unknown key, as each service does it', async () => {
    const settings = subject.settings(stranger);
    expect(await refusal(new Lambda(settings).listFunctions({}))).toEqual([
      'UnrecognizedClientException',
      403,
    ]);
    expect(await refusal(new IAM(settings).listRoles({}))).toEqual(['InvalidClientTokenId', 403]);
    expect(await refusal(logs(settings).describeLogGroups({}))).toEqual([
      'UnrecognizedClientException',
      400,
    ]);
    const s3 = new S3({ ...settings, forcePathStyle: true });
    expect(await refusal(s3.listBuckets({}))).toEqual(['InvalidAccessKeyId', 403]);
  });

  it('is refused without the token of its session', async () => {
    const { sessionToken, ...bare } = subject.fake.world.iam.session(
      'arn:aws:iam::123456789012:role/r',
      'fn',
    );
    expect(sessionToken).not.toBe('');
    expect(await refusal(new Lambda(subject.settings(bare)).listFunctions({}))).toEqual([
      'UnrecognizedClientException',
      403,
    ]);
  });

  it('is refused unsigned', async () => {
    const reply = await fetch(`${subject.fake.endpoint}/2015-03-31/functions`);
    expect(reply.status).toBe(403);
    expect(reply.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  });
});

describe('faults', () => {
  it('break the connection before anything happens', async () => {
    subject.fake.faults.arm({ call: 1, kind: 'reset' });
    await create('one');
    expect((await refusal(create('two')))[1]).toBeUndefined();
    expect(groups()).toEqual(['logs group one']);
    await create('two');
    expect(groups()).toHaveLength(2);
  });

  it('lose a reply after it happened', async () => {
    subject.fake.faults.arm({ call: 0, kind: 'lost-reply' });
    expect((await refusal(create('one')))[1]).toBeUndefined();
    expect(groups()).toEqual(['logs group one']);
    expect(subject.fake.faults.writes).toBe(1);
  });

  it('answer as each service does', async () => {
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      lambda: () => new Lambda(subject.settings()).listFunctions({}),
      iam: () => new IAM(subject.settings()).listRoles({}),
      sns: () => new SNS(subject.settings()).createTopic({ Name: 't' }),
      sqs: () => new SQS(subject.settings()).createQueue({ QueueName: 'q' }),
      events: () => new EventBridge(subject.settings()).createEventBus({ Name: 'b' }),
      s3: () =>
        new S3({ ...subject.settings(), forcePathStyle: true }).createBucket({
          Bucket: 'bucket-1',
        }),
      secrets: () => new SecretsManager(subject.settings()).listSecrets({}),
    };
    const said: Record<string, unknown> = {};
    for (const [name, call] of Object.entries(calls)) {
      subject.fake.faults.arm({ call: 0, kind: '429' });
      const throttled = await refusal(call());
      subject.fake.faults.arm({ call: 0, kind: '500' });
      said[name] = [throttled, (await refusal(call()))[1]];
    }
    expect(said).toEqual({
      lambda: [['TooManyRequestsException', 429], 500],
      iam: [['Throttling', 400], 500],
      sns: [['Throttling', 400], 500],
      sqs: [['RequestThrottled', 400], 500],
      events: [['ThrottlingException', 400], 500],
      s3: [['SlowDown', 503], 500],
      secrets: [['ThrottlingException', 400], 500],
    });
    expect(groups()).toEqual([]);
  });

  it('let a call hang until its caller gives up', async () => {
    subject.fake.faults.arm({ call: 0, kind: 'hang' });
    const abort = new AbortController();
    const call = logs().createLogGroup({ logGroupName: 'one' }, { abortSignal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect((await refusal(call))[0]).toBe('AbortError');
    expect(groups()).toEqual([]);
  });

  it('let the process be dead until it is disarmed', async () => {
    subject.fake.faults.arm({ call: 0, kind: 'crash' });
    expect((await refusal(create('one')))[1]).toBeUndefined();
    expect((await refusal(create('one')))[1]).toBeUndefined();
    await logs(subject.settings(subject.fake.observer)).createLogGroup({ logGroupName: 'other' });
    expect(groups()).toEqual(['logs group other']);
    subject.fake.faults.disarm();
    await create('one');
    expect(groups()).toHaveLength(2);
  });

  it('count the calls of the deployer, and those that changed something', async () => {
    const observer = logs(subject.settings(subject.fake.observer));
    const count = await subject.fake.faults.count(async () => {
      await create('one');
      await refusal(create('one'));
      await logs().describeLogGroups({});
      await observer.createLogGroup({ logGroupName: 'two' });
    });
    expect(count).toBe(3);
    expect(subject.fake.faults.writes).toBe(1);
    expect(told).toEqual([
      'logs CreateLogGroup 200',
      'logs CreateLogGroup 400',
      'logs DescribeLogGroups 200',
    ]);
  });

  it.each([
    ['CreateFunction', true],
    ['TagResource', true],
    ['PutRule', true],
    ['PUT /bucket', true],
    ['POST /2015-03-31/event-source-mappings', true],
    ['GetFunction', false],
    ['ListTags', false],
    ['FilterLogEvents', false],
    ['StartQuery', false],
    ['Invoke', false],
    ['HEAD /bucket', false],
    ['POST /2015-03-31/functions/f/invocations', false],
  ])('take %s for a change: %s', (operation, expected) => {
    expect(isWrite(operation)).toBe(expected);
  });
});
