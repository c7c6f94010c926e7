import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  ARN,
  create,
  failure,
  REGION,
  startAws,
  zipOf,
  type SmallAws,
} from './support.ts';

let aws: SmallAws;
beforeEach(async () => {
  aws = await startAws();
  await create(aws, { Publish: true });
  await aws.client.createAlias({ FunctionName, Name: 'live', FunctionVersion: '1' });
});
afterEach(() => aws.stop());

const FunctionName = 'orders';
const Qualifier = 'live';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;
const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/tick`;

describe('permissions', () => {
  const permission = {
    FunctionName,
    Qualifier,
    StatementId: 'tick',
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: RULE,
  };

  it('belong to one qualifier, and let one source in', async () => {
    await aws.client.addPermission(permission);
    const source = { principal: 'events.amazonaws.com', sourceArn: RULE };
    const { port } = aws.lambda;
    expect(port.allows(`${ARN}:live`, source)).toBe(true);
    expect(port.allows(ARN, source)).toBe(false);
    expect(port.allows(`${ARN}:live`, { ...source, principal: 'sns.amazonaws.com' })).toBe(false);
    expect(port.allows(`${ARN}:live`, { ...source, sourceArn: `${RULE}x` })).toBe(false);
    const call = { arn: `${ARN}:live`, payload: '{}', type: 'RequestResponse', source } as const;
    expect((await port.invoke(call)).executedVersion).toBe('1');
    const refused = port.invoke({ ...call, arn: ARN });
    await expect(refused).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
    const { Policy } = await aws.client.getPolicy({ FunctionName, Qualifier });
    expect(JSON.parse(Policy ?? '')).toMatchObject({
      Statement: [
        {
          Sid: 'tick',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: `${ARN}:live`,
          Condition: { ArnLike: { 'AWS:SourceArn': RULE } },
        },
      ],
    });
  });

  it('match patterns and the account of the source', async () => {
    await aws.client.addPermission({
      ...permission,
      Principal: 's3.amazonaws.com',
      SourceArn: 'arn:aws:s3:::uploads*',
      SourceAccount: ACCOUNT,
    });
    const source = { principal: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::uploads-1' };
    expect(aws.lambda.port.allows(`${ARN}:live`, source)).toBe(true);
    const foreign = { ...source, sourceAccount: '999999999999' };
    expect(aws.lambda.port.allows(`${ARN}:live`, foreign)).toBe(false);
  });

  it('are refused twice, and gone when removed', async () => {
    await aws.client.addPermission(permission);
    expect(await failure(aws.client.addPermission(permission))).toMatchObject({
      name: 'ResourceConflictException',
      status: 409,
    });
    await aws.client.removePermission({ FunctionName, Qualifier, StatementId: 'tick' });
    for (const call of [
      aws.client.removePermission({ FunctionName, Qualifier, StatementId: 'tick' }),
      aws.client.getPolicy({ FunctionName, Qualifier }),
    ]) {
      expect(await failure(call)).toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
    }
  });

  it('come to 20 KB at most', async () => {
    const add = async (): Promise<void> => {
      for (let index = 0; index < 200; index += 1) {
        await aws.client.addPermission({ ...permission, StatementId: `s${index}` });
      }
    };
    expect(await failure(add())).toMatchObject({
      name: 'PolicyLengthExceededException',
      status: 400,
    });
  });

  it.each([
    ['a principal', { Principal: 'somebody' }],
    ['$LATEST', { Qualifier: '$LATEST' }],
    ['a type of URL for a plain call', { FunctionUrlAuthType: 'NONE' as const }],
  ])('refuse %s', async (_what, change) => {
    expect(await failure(aws.client.addPermission({ ...permission, ...change }))).toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});

describe('concurrency', () => {
  it('is reserved, and a hundred must stay', async () => {
    await aws.client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 900 });
    expect(await aws.client.getFunctionConcurrency({ FunctionName })).toMatchObject({
      ReservedConcurrentExecutions: 900,
    });
    const more = { FunctionName, ReservedConcurrentExecutions: 901 };
    const told = await failure(aws.client.putFunctionConcurrency(more));
    expect(told.message).toContain('below its minimum value of [100]');
    const { AccountLimit } = await aws.client.getAccountSettings({});
    expect(AccountLimit).toMatchObject({
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 100,
    });
  });

  it('is provisioned for an alias: IN_PROGRESS, then READY, and it moves with the alias', async () => {
    const put = { FunctionName, Qualifier, ProvisionedConcurrentExecutions: 2 };
    expect((await aws.client.putProvisionedConcurrencyConfig(put)).Status).toBe('IN_PROGRESS');
    await aws.clock.advance(5000);
    const read = await aws.client.getProvisionedConcurrencyConfig({ FunctionName, Qualifier });
    expect(read).toMatchObject({ Status: 'READY', AvailableProvisionedConcurrentExecutions: 2 });
    const listed = await aws.client.listProvisionedConcurrencyConfigs({ FunctionName });
    expect(listed.ProvisionedConcurrencyConfigs?.[0]?.FunctionArn).toBe(`${ARN}:live`);
    await aws.client.updateFunctionConfiguration({ FunctionName, Timeout: 9 });
    await aws.clock.advance(1000);
    await aws.client.publishVersion({ FunctionName });
    await aws.client.updateAlias({ FunctionName, Name: 'live', FunctionVersion: '2' });
    const moved = await aws.client.getProvisionedConcurrencyConfig({ FunctionName, Qualifier });
    expect(moved.Status).toBe('IN_PROGRESS');
    // Until they are there, the version before keeps the traffic, and their number cannot be changed.
    const alias = { FunctionName, Name: 'live' };
    expect(await aws.client.getAlias(alias)).toMatchObject({
      FunctionVersion: '2',
      RoutingConfig: { AdditionalVersionWeights: { 1: 1 } },
    });
    expect((await failure(aws.client.putProvisionedConcurrencyConfig(put))).message).toContain(
      'Alias with weights',
    );
    await aws.clock.advance(5000);
    expect((await aws.client.getAlias(alias)).RoutingConfig).toBeUndefined();
    await aws.client.putProvisionedConcurrencyConfig(put);
    await aws.client.deleteProvisionedConcurrencyConfig({ FunctionName, Qualifier });
    expect(
      await failure(aws.client.getProvisionedConcurrencyConfig({ FunctionName, Qualifier })),
    ).toMatchObject({ name: 'ProvisionedConcurrencyConfigNotFoundException', status: 404 });
  });

  it('cannot be provisioned for $LATEST, nor over what is reserved', async () => {
    const put = { FunctionName, ProvisionedConcurrentExecutions: 2 };
    const latest = aws.client.putProvisionedConcurrencyConfig({ ...put, Qualifier: '$LATEST' });
    expect((await failure(latest)).message).toContain('unpublished');
    await aws.client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 1 });
    const over = aws.client.putProvisionedConcurrencyConfig({ ...put, Qualifier });
    expect((await failure(over)).message).toContain('reservedConcurrentExecution');
    const twice = { ...put, ProvisionedConcurrentExecutions: 1 };
    await aws.client.putProvisionedConcurrencyConfig({ ...twice, Qualifier });
    const version = aws.client.putProvisionedConcurrencyConfig({ ...twice, Qualifier: '1' });
    expect(await failure(version)).toMatchObject({ name: 'ResourceConflictException' });
  });

  it('cannot be provisioned for an alias that shares its traffic', async () => {
    await aws.client.updateFunctionConfiguration({ FunctionName, MemorySize: 512 });
    await aws.clock.advance(10_000);
    const { Version = '' } = await aws.client.publishVersion({ FunctionName });
    await aws.clock.advance(10_000);
    await aws.client.updateAlias({
      FunctionName,
      Name: Qualifier,
      RoutingConfig: { AdditionalVersionWeights: { [Version]: 0.5 } },
    });
    const put = { FunctionName, Qualifier, ProvisionedConcurrentExecutions: 1 };
    expect(await failure(aws.client.putProvisionedConcurrencyConfig(put))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('Alias with weights'),
    });
  });
});

describe('event invoke configs', () => {
  it('are put, updated, listed and deleted', async () => {
    await aws.client.putFunctionEventInvokeConfig({
      FunctionName,
      Qualifier,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    const updated = await aws.client.updateFunctionEventInvokeConfig({
      FunctionName,
      Qualifier,
      MaximumEventAgeInSeconds: 60,
    });
    expect(updated).toMatchObject({
      FunctionArn: `${ARN}:live`,
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    expect(updated.LastModified?.getTime()).toBe(aws.clock.now());
    const listed = await aws.client.listFunctionEventInvokeConfigs({ FunctionName });
    expect(listed.FunctionEventInvokeConfigs).toHaveLength(1);
    await aws.client.deleteFunctionEventInvokeConfig({ FunctionName, Qualifier });
    expect(
      await failure(aws.client.getFunctionEventInvokeConfig({ FunctionName, Qualifier })),
    ).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each([
    ['three attempts', { MaximumRetryAttempts: 3 }, 'ValidationException'],
    ['a short age', { MaximumEventAgeInSeconds: 59 }, 'ValidationException'],
    ['nothing', {}, 'InvalidParameterValueException'],
    [
      'a destination of another kind',
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:ec2:x' } } },
      'InvalidParameterValueException',
    ],
  ])('refuse %s', async (_what, change, name) => {
    const put = aws.client.putFunctionEventInvokeConfig({ FunctionName, Qualifier, ...change });
    expect((await failure(put)).name).toBe(name);
  });

  it('refuse a destination that the role may not write to', async () => {
    aws.denied.add('sqs:SendMessage');
    const put = aws.client.putFunctionEventInvokeConfig({
      FunctionName,
      Qualifier,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    expect((await failure(put)).message).toBe(
      `The function's execution role does not have permissions to call SendMessage on ${QUEUE}`,
    );
  });

  it('decide how often an event is tried', async () => {
    await aws.client.updateFunctionCode({
      FunctionName,
      ZipFile: await zipOf({
        'index.js': 'exports.handler = async () => { throw new Error("no") }',
      }),
    });
    await aws.clock.advance(1000);
    await aws.client.publishVersion({ FunctionName });
    await aws.clock.advance(1000);
    await aws.client.updateAlias({ FunctionName, Name: 'live', FunctionVersion: '2' });
    await aws.client.putFunctionEventInvokeConfig({
      FunctionName,
      Qualifier,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await aws.client.invoke({
      FunctionName,
      Qualifier,
      InvocationType: 'Event',
      Payload: '{"id":7}',
    });
    await expect.poll(() => aws.sent.length, { timeout: 10_000 }).toBe(1);
    const letter: unknown = JSON.parse(aws.sent[0]?.body ?? '');
    expect(letter).toMatchObject({
      requestPayload: { id: 7 },
      requestContext: { approximateInvokeCount: 1, condition: 'RetriesExhausted' },
    });
  });
});
