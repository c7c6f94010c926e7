import { createHash } from 'node:crypto';
import { Lambda } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ARN,
  create,
  failure,
  json,
  ROLE,
  startAws,
  wish,
  zipOf,
  type SmallAws,
  REGION,
} from './support.ts';

let aws: SmallAws;
beforeEach(async () => {
  aws = await startAws();
});
afterEach(() => aws.stop());

describe('CreateFunction', () => {
  it('is Pending first, then Active, with another revision', async () => {
    const { Code } = await wish();
    const made = await aws.client.createFunction(await wish({ Tags: { a: 'b' } }));
    expect(made).toMatchObject({
      FunctionArn: ARN,
      State: 'Pending',
      Version: '$LATEST',
      Timeout: 3,
      MemorySize: 128,
      Architectures: ['x86_64'],
      CodeSha256: createHash('sha256')
        .update(Buffer.from(Code?.ZipFile ?? []))
        .digest('base64'),
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/orders' },
    });
    await aws.clock.advance(1000);
    const read = await aws.client.getFunction({ FunctionName: 'orders' });
    expect(read.Configuration?.State).toBe('Active');
    expect(read.Configuration?.LastUpdateStatus).toBe('Successful');
    expect(read.Configuration?.RevisionId).not.toBe(made.RevisionId);
    expect(read.Tags).toEqual({ a: 'b' });
    expect(aws.lambda.inventory()).toEqual(['lambda function orders']);
  });

  it('refuses a namesake', async () => {
    await create(aws);
    expect(await failure(aws.client.createFunction(await wish()))).toMatchObject({
      name: 'ResourceConflictException',
      status: 409,
      message: 'Function already exist: orders',
    });
  });

  it('refuses a role that Lambda may not assume', async () => {
    aws.roles.clear();
    expect(await failure(aws.client.createFunction(await wish()))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The role defined for the function cannot be assumed by Lambda.',
    });
    expect(aws.lambda.inventory()).toEqual([]);
  });

  // As JSON it is one byte more than Lambda takes.
  const tooLong = { MAIN: 'x'.repeat(4097 - '{"MAIN":""}'.length) };
  it.each([
    ['a name', { FunctionName: 'a b' }, 'ValidationException', 'functionName'],
    ['a long name', { FunctionName: 'x'.repeat(65) }, 'ValidationException', 'functionName'],
    ['a handler', { Handler: 'a b' }, 'ValidationException', 'handler'],
    ['no handler', { Handler: undefined }, 'InvalidParameterValueException', 'mandatory'],
    ['no role', { Role: undefined }, 'ValidationException', 'role'],
    ['little memory', { MemorySize: 64 }, 'ValidationException', 'memorySize'],
    ['much memory', { MemorySize: 10_241 }, 'InvalidParameterValueException', 'MemorySize'],
    ['a long timeout', { Timeout: 901 }, 'InvalidParameterValueException', 'Timeout'],
    ['no timeout', { Timeout: 0 }, 'ValidationException', 'timeout'],
    ['an old runtime', { Runtime: 'nodejs18.x' }, 'InvalidParameterValueException', 'no longer'],
    ['large env', { Environment: { Variables: tooLong } }, 'InvalidParameterValueException', '4KB'],
    [
      'a reserved key',
      { Environment: { Variables: { AWS_REGION: 'x' } } },
      'InvalidParameterValueException',
      'AWS_REGION',
    ],
    ['a key', { Environment: { Variables: { '1A': 'x' } } }, 'ValidationException', 'environment'],
    ['a short key', { Environment: { Variables: { A: 'x' } } }, 'ValidationException', 'env'],
    ['tags', { Tags: { a: 'x{}' } }, 'ValidationException', 'tags'],
    ['a long tag', { Tags: { a: 'x'.repeat(257) } }, 'ValidationException', 'tags'],
    ['no zip', { Code: { ZipFile: Buffer.from('PK') } }, 'InvalidParameterValueException', 'unzip'],
    ['no code', { Code: {} }, 'InvalidParameterValueException', 'source'],
    [
      'a missing object',
      { Code: { S3Bucket: 'artifacts', S3Key: 'none' } },
      'InvalidParameterValueException',
      'NoSuchKey',
    ],
    [
      'levels of text logs',
      { LoggingConfig: { SystemLogLevel: 'INFO' } },
      'InvalidParameterValueException',
      'LogFormat',
    ],
  ] as const)('refuses %s', async (_what, change, name, says) => {
    const input = { ...(await wish()), ...change };
    const told = await failure(aws.client.createFunction(input));
    expect(told).toMatchObject({ name, status: 400 });
    expect(told.message).toContain(says);
    expect(aws.lambda.inventory()).toEqual([]);
  });

  it('takes code from S3', async () => {
    aws.objects.set('code.zip', await zipOf({ 'index.js': 'exports.handler = async () => 7' }));
    await create(aws, { Code: { S3Bucket: 'artifacts', S3Key: 'code.zip' } });
    const { Payload } = await aws.client.invoke({ FunctionName: 'orders' });
    expect(Payload?.transformToString()).toBe('7');
  });

  it('takes an image that was registered, and runs it', async () => {
    const ImageUri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1`;
    const input = { FunctionName: 'orders', Role: ROLE, PackageType: 'Image', Code: { ImageUri } };
    const unknown = await failure(aws.client.createFunction({ ...input, PackageType: 'Image' }));
    expect(unknown.message).toContain('does not exist');
    aws.lambda.images.set(ImageUri, {
      files: { 'app.js': 'exports.run = async (event) => event' },
      handler: 'app.run',
    });
    await aws.client.createFunction({ ...input, PackageType: 'Image' });
    await aws.clock.advance(1000);
    const { Payload } = await aws.client.invoke({ FunctionName: 'orders', Payload: '{"a":1}' });
    expect(Payload?.transformToString()).toBe('{"a":1}');
  });
});

describe('updates', () => {
  it('are refused while another, or the creation, is under way', async () => {
    await aws.client.createFunction(await wish());
    const update = (): Promise<unknown> =>
      aws.client.updateFunctionConfiguration({ FunctionName: 'orders', Timeout: 9 });
    expect(await failure(update())).toMatchObject({
      name: 'ResourceConflictException',
      status: 409,
    });
    await aws.clock.advance(1000);
    await update();
    const busy = {
      name: 'ResourceConflictException',
      status: 409,
      message: `The operation cannot be performed at this time. An update is in progress for resource: ${ARN}`,
    };
    expect(await failure(update())).toMatchObject(busy);
    expect(await failure(aws.client.publishVersion({ FunctionName: 'orders' }))).toMatchObject(
      busy,
    );
    await aws.clock.advance(1000);
    const read = await aws.client.getFunctionConfiguration({ FunctionName: 'orders' });
    expect(read).toMatchObject({ Timeout: 9, LastUpdateStatus: 'Successful' });
  });

  it('let calls go on with what was before, until they are done', async () => {
    await create(aws, { Environment: { Variables: { FLAG: 'old' } } });
    const flag = async (): Promise<unknown> =>
      json((await aws.client.invoke({ FunctionName: 'orders' })).Payload)['flag'];
    expect(await flag()).toBe('old');
    await aws.client.updateFunctionConfiguration({
      FunctionName: 'orders',
      Environment: { Variables: { FLAG: 'new' } },
    });
    expect(await flag()).toBe('old');
    await aws.clock.advance(1000);
    expect(await flag()).toBe('new');
  });

  it('compare the revision where it is given', async () => {
    await create(aws);
    const stale = aws.client.updateFunctionConfiguration({
      FunctionName: 'orders',
      Timeout: 9,
      RevisionId: 'other',
    });
    expect(await failure(stale)).toMatchObject({
      name: 'PreconditionFailedException',
      status: 412,
    });
  });

  it('clear what is given empty, and keep what is not given', async () => {
    await create(aws, { Environment: { Variables: { FLAG: 'x' } }, Description: 'mine' });
    await aws.client.updateFunctionConfiguration({
      FunctionName: 'orders',
      Environment: { Variables: {} },
    });
    const read = await aws.client.getFunctionConfiguration({ FunctionName: 'orders' });
    expect(read.Environment).toBeUndefined();
    expect(read.Description).toBe('mine');
  });
});

describe('lists and deletion', () => {
  it('lists fifty functions a page', async () => {
    for (let index = 0; index < 51; index += 1) {
      await aws.client.createFunction(await wish({ FunctionName: `f${index}` }));
    }
    const first = await aws.client.listFunctions({});
    expect(first.Functions).toHaveLength(50);
    const second = await aws.client.listFunctions({ Marker: first.NextMarker });
    expect(second.Functions?.map((fn) => fn.FunctionName)).toEqual(['f50']);
    expect(second.NextMarker).toBeUndefined();
  });

  it('deletes everything with the function, and knows it no more', async () => {
    await create(aws, { Publish: true });
    await aws.client.createAlias({ FunctionName: 'orders', Name: 'live', FunctionVersion: '1' });
    await aws.client.deleteFunction({ FunctionName: 'orders' });
    expect(aws.lambda.inventory()).toEqual([]);
    expect(await failure(aws.client.getFunction({ FunctionName: 'orders' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      status: 404,
      message: `Function not found: ${ARN}`,
    });
  });

  it('takes names, partial ARNs and ARNs with a qualifier', async () => {
    await create(aws, { Publish: true });
    for (const name of [
      'orders',
      'function:orders',
      `123456789012:function:orders`,
      ARN,
      `${ARN}:1`,
    ]) {
      const read = await aws.client.getFunctionConfiguration({ FunctionName: name });
      expect(read.FunctionName).toBe('orders');
    }
    expect(
      await failure(aws.client.getFunction({ FunctionName: `${ARN}:1`, Qualifier: '2' })),
    ).toMatchObject({ name: 'InvalidParameterValueException' });
  });
});

describe('tags', () => {
  it('are set, taken away and listed, and at most fifty', async () => {
    await create(aws, { Tags: { a: '1' } });
    await aws.client.tagResource({ Resource: ARN, Tags: { b: '2', 'x:y': 'z' } });
    await aws.client.untagResource({ Resource: ARN, TagKeys: ['a', 'b'] });
    expect((await aws.client.listTags({ Resource: ARN })).Tags).toEqual({ 'x:y': 'z' });
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, 'v']));
    expect(await failure(aws.client.tagResource({ Resource: ARN, Tags: many }))).toMatchObject({
      name: 'InvalidParameterValueException',
    });
    expect(await failure(aws.client.listTags({ Resource: `${ARN}:1` }))).toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});

describe('layers', () => {
  it('are published, read, used and deleted; at most five', async () => {
    const Content = { ZipFile: await zipOf({ 'nodejs/x.js': '1' }) };
    const one = await aws.client.publishLayerVersion({ LayerName: 'tools', Content });
    const two = await aws.client.publishLayerVersion({ LayerName: 'tools', Content });
    expect([one.Version, two.Version]).toEqual([1, 2]);
    const arn = one.LayerVersionArn ?? '';
    expect((await aws.client.getLayerVersionByArn({ Arn: arn })).Version).toBe(1);
    const listed = await aws.client.listLayerVersions({ LayerName: 'tools' });
    expect(listed.LayerVersions?.map((layer) => layer.Version)).toEqual([2, 1]);
    await create(aws, { Layers: [arn] });
    const read = await aws.client.getFunctionConfiguration({ FunctionName: 'orders' });
    expect(read.Layers?.map((layer) => layer.Arn)).toEqual([arn]);
    const missing = arn.replace(/:1$/, ':9');
    const update = aws.client.updateFunctionConfiguration({
      FunctionName: 'orders',
      Layers: [missing],
    });
    expect((await failure(update)).message).toContain('does not exist');
    await aws.client.deleteLayerVersion({ LayerName: 'tools', VersionNumber: 1 });
    expect(
      await failure(aws.client.getLayerVersion({ LayerName: 'tools', VersionNumber: 1 })),
    ).toMatchObject({ status: 404 });
  });
});

describe('what a role may do', () => {
  it('is asked by action and resource', async () => {
    await create(aws, { Tags: { a: '1' } });
    const client = new Lambda({
      region: REGION,
      endpoint: aws.server.endpoint,
      credentials: { accessKeyId: 'ASIAROLE', secretAccessKey: 'x', sessionToken: 'y' },
      maxAttempts: 1,
    });
    expect(await failure(client.listTags({ Resource: ARN }))).toMatchObject({
      name: 'AccessDeniedException',
      status: 403,
    });
    aws.allowed.add(`lambda:ListTags ${ARN}`).add(`lambda:InvokeFunction ${ARN}:live`);
    expect((await client.listTags({ Resource: ARN })).Tags).toEqual({ a: '1' });
    const live = { FunctionName: 'orders', Qualifier: 'live' };
    expect(await failure(client.invoke(live))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await failure(client.invoke({ FunctionName: 'orders' }))).toMatchObject({
      name: 'AccessDeniedException',
    });
    client.destroy();
  });
});

describe('event source mappings', () => {
  it('are a part of the same API', async () => {
    await create(aws);
    const listed = await aws.client.listEventSourceMappings({ FunctionName: 'orders' });
    expect(listed.EventSourceMappings).toEqual([]);
    const UUID = '0a6c5a7b-0000-4000-8000-000000000000';
    const read = aws.client.getEventSourceMapping({ UUID });
    expect(await failure(read)).toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
    const Resource = `arn:aws:lambda:${REGION}:123456789012:event-source-mapping:${UUID}`;
    expect(await failure(aws.client.listTags({ Resource }))).toMatchObject({ status: 404 });
  });
});
