import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ARN, create, ECHO, failure, json, startAws, zipOf, type SmallAws } from './support.ts';

let aws: SmallAws;
beforeEach(async () => {
  aws = await startAws();
});
afterEach(() => aws.stop());

const FunctionName = 'orders';

async function publish(flag: string): Promise<string> {
  await aws.client.updateFunctionConfiguration({
    FunctionName,
    Environment: { Variables: { FLAG: flag } },
  });
  await aws.clock.advance(1000);
  const { Version } = await aws.client.publishVersion({ FunctionName, Description: flag });
  await aws.clock.advance(1000);
  return Version ?? '';
}

async function flagOf(Qualifier: string): Promise<unknown> {
  return json((await aws.client.invoke({ FunctionName, Qualifier })).Payload)['flag'];
}

describe('versions', () => {
  it('keep their own code and settings', async () => {
    await create(aws);
    expect(await publish('one')).toBe('1');
    await aws.client.updateFunctionCode({
      FunctionName,
      ZipFile: await zipOf({ 'index.js': 'exports.handler = async () => ({ flag: "code" })' }),
    });
    await aws.clock.advance(1000);
    expect(await publish('two')).toBe('2');
    expect(await flagOf('1')).toBe('one');
    expect(await flagOf('2')).toBe('code');
    const listed = await aws.client.listVersionsByFunction({ FunctionName });
    expect(listed.Versions?.map((one) => one.Version)).toEqual(['$LATEST', '1', '2']);
    expect(listed.Versions?.map((one) => one.Description)).toEqual(['', 'one', 'two']);
    expect(listed.Versions?.[1]?.FunctionArn).toBe(`${ARN}:1`);
  });

  it('are not made again when nothing changed', async () => {
    await create(aws);
    expect(await publish('one')).toBe('1');
    const again = await aws.client.publishVersion({ FunctionName, Description: 'other' });
    expect(again).toMatchObject({ Version: '1', Description: 'one' });
  });

  it('are Pending for a moment, and then Active', async () => {
    await create(aws);
    const made = await aws.client.publishVersion({ FunctionName });
    expect(made.State).toBe('Pending');
    expect(await failure(aws.client.invoke({ FunctionName, Qualifier: '1' }))).toMatchObject({
      name: 'ResourceConflictException',
      status: 409,
    });
    await aws.clock.advance(1000);
    const read = await aws.client.getFunctionConfiguration({ FunctionName, Qualifier: '1' });
    expect(read.State).toBe('Active');
  });

  it('are refused for other code than that of $LATEST', async () => {
    await create(aws);
    const told = await failure(aws.client.publishVersion({ FunctionName, CodeSha256: 'abc' }));
    expect(told).toMatchObject({ name: 'InvalidParameterValueException', status: 400 });
    expect(told.message).toContain('is different from current CodeSHA256 in $LATEST');
  });

  it('cannot be deleted while an alias points to them', async () => {
    await create(aws);
    await publish('one');
    await publish('two');
    await aws.client.createAlias({ FunctionName, Name: 'live', FunctionVersion: '1' });
    const told = await failure(aws.client.deleteFunction({ FunctionName, Qualifier: '1' }));
    expect(told).toMatchObject({ name: 'ResourceConflictException', status: 409 });
    await aws.client.deleteFunction({ FunctionName, Qualifier: '2' });
    expect(await publish('three')).toBe('3');
    expect(aws.lambda.inventory()).not.toContain('lambda version orders:2');
    const gone = await failure(aws.client.invoke({ FunctionName, Qualifier: '2' }));
    expect(gone).toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
  });
});

describe('aliases', () => {
  beforeEach(async () => {
    await create(aws);
    await publish('one');
    await publish('two');
  });

  it('move, with compare and set', async () => {
    const made = await aws.client.createAlias({
      FunctionName,
      Name: 'live',
      FunctionVersion: '1',
      Description: 'first',
    });
    expect(made).toMatchObject({ AliasArn: `${ARN}:live`, FunctionVersion: '1' });
    const { RevisionId } = made;
    const move = { FunctionName, Name: 'live', FunctionVersion: '2', RevisionId };
    expect((await aws.client.updateAlias(move)).Description).toBe('first');
    expect(await flagOf('live')).toBe('two');
    expect(await failure(aws.client.updateAlias(move))).toMatchObject({
      name: 'PreconditionFailedException',
      status: 412,
    });
    expect(await failure(aws.client.createAlias(move))).toMatchObject({
      name: 'ResourceConflictException',
      message: `Alias already exists: ${ARN}:live`,
    });
  });

  it('split the calls by weight', async () => {
    await aws.client.createAlias({
      FunctionName,
      Name: 'live',
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
    });
    const versions = [];
    for (let call = 0; call < 8; call += 1) {
      versions.push((await aws.client.invoke({ FunctionName, Qualifier: 'live' })).ExecutedVersion);
    }
    expect(versions.filter((version) => version === '2')).toHaveLength(2);
    await aws.client.updateAlias({
      FunctionName,
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
    const read = await aws.client.getAlias({ FunctionName, Name: 'live' });
    expect(read.RoutingConfig).toBeUndefined();
  });

  it.each([
    ['digits as a name', { Name: '12', FunctionVersion: '1' }, 'ValidationException'],
    [
      'a version that is not there',
      { Name: 'a', FunctionVersion: '9' },
      'ResourceNotFoundException',
    ],
    [
      '$LATEST with weights',
      {
        Name: 'a',
        FunctionVersion: '$LATEST',
        RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } },
      },
      'InvalidParameterValueException',
    ],
    [
      'a weight of more than one',
      {
        Name: 'a',
        FunctionVersion: '1',
        RoutingConfig: { AdditionalVersionWeights: { 2: 1.5 } },
      },
      'ValidationException',
    ],
  ])('refuse %s', async (_what, input, name) => {
    const told = await failure(aws.client.createAlias({ FunctionName, ...input }));
    expect(told.name).toBe(name);
  });

  it('are listed, by version too, and deleted', async () => {
    await aws.client.createAlias({ FunctionName, Name: 'live', FunctionVersion: '1' });
    await aws.client.createAlias({ FunctionName, Name: 'next', FunctionVersion: '2' });
    const listed = await aws.client.listAliases({ FunctionName, FunctionVersion: '2' });
    expect(listed.Aliases?.map((alias) => alias.Name)).toEqual(['next']);
    await aws.client.deleteAlias({ FunctionName, Name: 'next' });
    expect(await failure(aws.client.getAlias({ FunctionName, Name: 'next' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Cannot find alias arn: ${ARN}:next`,
    });
  });
});

describe('Invoke', () => {
  it('carries payload, context, log and ids', async () => {
    await create(aws);
    await publish('one');
    await aws.client.createAlias({ FunctionName, Name: 'live', FunctionVersion: '1' });
    const reply = await aws.client.invoke({
      FunctionName,
      Qualifier: 'live',
      Payload: '{"id":7}',
      LogType: 'Tail',
      ClientContext: Buffer.from('{"custom":{"a":"b"}}').toString('base64'),
    });
    expect(reply).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' });
    const log = Buffer.from(reply.LogResult ?? '', 'base64').toString();
    expect(log).toContain('REPORT RequestId:');
    expect(json(reply.Payload)).toMatchObject({
      event: { id: 7 },
      version: '1',
      arn: `${ARN}:live`,
      requestId: reply.$metadata.requestId,
    });
  });

  it('answers 200 with a function error when the function throws', async () => {
    await create(aws, {}, 'exports.handler = async () => { throw new TypeError("no") }');
    const reply = await aws.client.invoke({ FunctionName });
    expect(reply).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(json(reply.Payload)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
  });

  it('accepts events, and gives them to the function later', async () => {
    await create(aws, { DeadLetterConfig: {} });
    const reply = await aws.client.invoke({ FunctionName, InvocationType: 'Event', Payload: '1' });
    expect(reply.StatusCode).toBe(202);
    const dry = await aws.client.invoke({ FunctionName, InvocationType: 'DryRun' });
    expect(dry.StatusCode).toBe(204);
  });

  it('refuses what is too large, no JSON, or for a function that is not there', async () => {
    await create(aws);
    const Payload = JSON.stringify('x'.repeat(1_048_576));
    const event = aws.client.invoke({ FunctionName, InvocationType: 'Event', Payload });
    expect(await failure(event)).toMatchObject({ name: 'RequestTooLargeException', status: 413 });
    const sync = aws.client.invoke({
      FunctionName,
      Payload: JSON.stringify('x'.repeat(6_291_456)),
    });
    expect(await failure(sync)).toMatchObject({ name: 'RequestTooLargeException', status: 413 });
    expect(await failure(aws.client.invoke({ FunctionName, Payload: '{' }))).toMatchObject({
      name: 'InvalidRequestContentException',
      status: 400,
    });
    expect(await failure(aws.client.invoke({ FunctionName: 'none' }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('streams the answer in frames', async () => {
    await create(aws);
    const { EventStream } = await aws.client.invokeWithResponseStream({
      FunctionName,
      Payload: '{"a":1}',
      LogType: 'Tail',
    });
    let text = '';
    let isComplete = false;
    for await (const event of EventStream ?? []) {
      text += Buffer.from(event.PayloadChunk?.Payload ?? []).toString();
      if (event.InvokeComplete) isComplete = event.InvokeComplete.ErrorCode === undefined;
    }
    expect(JSON.parse(text)).toMatchObject({ event: { a: 1 } });
    expect(isComplete).toBe(true);
  });

  it('is throttled where no concurrency is left', async () => {
    await create(aws, {}, ECHO);
    await aws.client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 0 });
    expect(await failure(aws.client.invoke({ FunctionName }))).toMatchObject({
      name: 'TooManyRequestsException',
      status: 429,
    });
    await aws.client.deleteFunctionConcurrency({ FunctionName });
    expect((await aws.client.invoke({ FunctionName })).StatusCode).toBe(200);
  });
});
