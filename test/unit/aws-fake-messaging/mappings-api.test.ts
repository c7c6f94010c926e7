import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type EventSourceMappingConfiguration,
  type LambdaClient,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  ALIAS,
  FUNCTION,
  lambdaClient,
  refusal,
  REGION,
  Scene,
  sqsClient,
  STREAM,
  TABLE_STREAM,
} from './support.ts';

let scene: Scene;
let lambda: LambdaClient;
let sqs: SQSClient;

const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;
const FIFO = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders.fifo`;

beforeEach(async () => {
  scene = await new Scene().start();
  lambda = lambdaClient(scene);
  sqs = sqsClient(scene);
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  await sqs.send(
    new CreateQueueCommand({ QueueName: 'orders.fifo', Attributes: { FifoQueue: 'true' } }),
  );
});
afterEach(async () => {
  lambda.destroy();
  sqs.destroy();
  await scene.stop();
});

type Settings = Partial<CreateEventSourceMappingCommandInput>;

function create(settings: Settings = {}): Promise<EventSourceMappingConfiguration> {
  const input = { EventSourceArn: QUEUE, FunctionName: ALIAS, ...settings };
  return lambda.send(new CreateEventSourceMappingCommand(input));
}

function update(
  settings: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>,
  UUID: string | undefined,
): Promise<EventSourceMappingConfiguration> {
  return lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...settings }));
}

const get = (UUID: string | undefined): Promise<EventSourceMappingConfiguration> =>
  lambda.send(new GetEventSourceMappingCommand({ UUID }));

const list = async (query: {
  FunctionName?: string;
  EventSourceArn?: string;
}): Promise<readonly unknown[]> => {
  const found = await lambda.send(new ListEventSourceMappingsCommand(query));
  return found.EventSourceMappings?.map(({ UUID }) => UUID) ?? [];
};

const stream = (settings: Settings): Settings => ({
  EventSourceArn: STREAM,
  StartingPosition: 'LATEST',
  ...settings,
});

describe('a mapping', () => {
  it('takes a second to be made, changed, switched and deleted', async () => {
    const made = await create({ Tags: { team: 'blue' } });
    expect(made).toMatchObject({
      $metadata: { httpStatusCode: 202 },
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
      EventSourceArn: QUEUE,
      FunctionArn: ALIAS,
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      EventSourceMappingArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${made.UUID}`,
      LastModified: new Date(scene.clock.now()),
    });
    expect(scene.mappings.port.tags(made.EventSourceMappingArn ?? '')).toEqual({ team: 'blue' });
    const { UUID } = made;
    expect(await refusal(update({ BatchSize: 5 }, UUID))).toEqual({
      name: 'ResourceInUseException',
      message: 'Cannot update the event source mapping because it is in use.',
      status: 400,
    });
    await scene.advance(1000);
    expect((await get(UUID)).State).toBe('Enabled');

    const updated = await update({ BatchSize: 5 }, UUID);
    expect(updated).toMatchObject({ State: 'Updating', BatchSize: 5 });
    await scene.advance(1000);
    expect((await update({ Enabled: false }, UUID)).State).toBe('Disabling');
    const remove = (): Promise<EventSourceMappingConfiguration> =>
      lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    expect((await refusal(remove())).name).toBe('ResourceInUseException');
    await scene.advance(1000);
    expect(await get(UUID)).toMatchObject({ State: 'Disabled', BatchSize: 5 });
    expect((await update({ Enabled: true }, UUID)).State).toBe('Enabling');
    await scene.advance(1000);

    expect((await remove()).State).toBe('Deleting');
    expect((await refusal(remove())).name).toBe('ResourceInUseException');
    expect((await get(UUID)).State).toBe('Deleting');
    await scene.advance(1000);
    expect(await refusal(get(UUID))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
      status: 404,
    });
    expect(scene.mappings.inventory()).toEqual([]);
  });

  it('is made once for a source and a function', async () => {
    const { UUID } = await create();
    expect(await refusal(create())).toEqual({
      name: 'ResourceConflictException',
      message: `An event source mapping with SQS arn (" ${QUEUE} ") and function (" worker:live ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
      status: 409,
    });
    const other = await create({ FunctionName: 'worker' });
    expect(other.FunctionArn).toBe(FUNCTION);
    const third = await create(stream({ FunctionName: 'worker:live' }));
    expect((await refusal(create(stream({})))).message).toContain(
      'provided mapping already exists',
    );
    expect(await list({ FunctionName: ALIAS, EventSourceArn: QUEUE })).toEqual([UUID]);
    expect(await list({ FunctionName: 'worker' })).toEqual([other.UUID]);
    expect(await list({ FunctionName: 'worker:live' })).toEqual([UUID, third.UUID]);
    expect(await list({ EventSourceArn: STREAM })).toEqual([third.UUID]);
    expect(scene.mappings.inventory()).toContain(`lambda event source mapping ${STREAM} ${ALIAS}`);
    const page = await lambda.send(new ListEventSourceMappingsCommand({ MaxItems: 2 }));
    expect(page.EventSourceMappings).toHaveLength(2);
    const rest = await lambda.send(
      new ListEventSourceMappingsCommand({ MaxItems: 2, Marker: page.NextMarker }),
    );
    expect(rest.EventSourceMappings).toHaveLength(1);
  });

  it('tells of a stream with all its settings', async () => {
    const made = await create(stream({ EventSourceArn: TABLE_STREAM, MaximumRetryAttempts: 2 }));
    expect(made).toMatchObject({
      BatchSize: 100,
      StartingPosition: 'LATEST',
      StateTransitionReason: 'User action',
      LastProcessingResult: 'No records processed',
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: -1,
      BisectBatchOnFunctionError: false,
      ParallelizationFactor: 1,
      TumblingWindowInSeconds: 0,
      DestinationConfig: { OnFailure: {} },
    });
    expect(made.ScalingConfig).toBeUndefined();
  });

  it('drops a filter, a cap and a destination that are set to nothing', async () => {
    const made = await create({
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"type":["order"]}}' }] },
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(made).toMatchObject({
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"type":["order"]}}' }] },
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    await scene.advance(1000);
    const { FilterCriteria, ScalingConfig, FunctionResponseTypes } = await update(
      { FilterCriteria: {}, ScalingConfig: {}, FunctionResponseTypes: [] },
      made.UUID,
    );
    expect({ FilterCriteria, ScalingConfig, FunctionResponseTypes }).toEqual({
      FilterCriteria: undefined,
      ScalingConfig: undefined,
      FunctionResponseTypes: [],
    });
    const ofStream = await create(
      stream({ DestinationConfig: { OnFailure: { Destination: QUEUE } } }),
    );
    expect(ofStream.DestinationConfig).toEqual({ OnFailure: { Destination: QUEUE } });
    await scene.advance(1000);
    const changed = await update(
      { DestinationConfig: { OnFailure: { Destination: '' } } },
      ofStream.UUID,
    );
    expect(changed.DestinationConfig).toEqual({ OnFailure: {} });
  });

  it('keeps its tags', async () => {
    const { EventSourceMappingArn: arn = '' } = await create({ Tags: { a: '1' } });
    scene.mappings.port.tag(arn, { b: '2', c: '3' });
    scene.mappings.port.untag(arn, ['a', 'c']);
    expect(scene.mappings.port.tags(arn)).toEqual({ b: '2' });
    expect(scene.mappings.port.tags(`${arn}x`)).toBeUndefined();
  });
});

describe('refused are', () => {
  const pattern = (Pattern: string): Settings => ({ FilterCriteria: { Filters: [{ Pattern }] } });
  const failure = (Destination: string): Settings => ({
    DestinationConfig: { OnFailure: { Destination } },
  });

  it.each<[string, Settings, string]>([
    ['no such function', { FunctionName: 'nobody' }, 'Function does not exist'],
    ['no such queue', { EventSourceArn: `${QUEUE}x` }, 'AWS.SimpleQueueService.NonExistentQueue'],
    ['no such stream', stream({ EventSourceArn: `${STREAM}x` }), 'Stream not found'],
    ['no such kind of source', { EventSourceArn: `arn:aws:s3:::b` }, 'Unrecognized event source'],
    ['a batch of 0', { BatchSize: 0 }, 'greater than or equal to 1'],
    ['a batch of 10001', { BatchSize: 10_001 }, 'less than or equal to 10000'],
    [
      'a large batch without a window',
      { BatchSize: 11 },
      'Maximum batch window in seconds must be',
    ],
    ['a large FIFO batch', { EventSourceArn: FIFO, BatchSize: 11 }, 'FIFO'],
    ['a FIFO window', { EventSourceArn: FIFO, MaximumBatchingWindowInSeconds: 1 }, 'FIFO'],
    ['a window of 301', { MaximumBatchingWindowInSeconds: 301 }, 'less than or equal to 300'],
    ['a cap of 1', { ScalingConfig: { MaximumConcurrency: 1 } }, 'greater than or equal to 2'],
    ['a position in a queue', { StartingPosition: 'LATEST' }, 'StartingPosition is not valid'],
    ['a stream without a position', { EventSourceArn: STREAM }, "Value null at 'startingPosition'"],
    [
      'a time in a table',
      {
        EventSourceArn: TABLE_STREAM,
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: new Date(0),
      },
      'Unsupported starting position for arn type',
    ],
    ['retries of a queue', { MaximumRetryAttempts: 1 }, 'Unsupported MaximumRetryAttempts'],
    ['a cap of a stream', stream({ ScalingConfig: { MaximumConcurrency: 2 } }), 'Unsupported'],
    ['retries of 10001', stream({ MaximumRetryAttempts: 10_001 }), 'less than or equal to 10000'],
    ['an age of 59', stream({ MaximumRecordAgeInSeconds: 59 }), 'record age'],
    ['an unknown member', { Topics: ['x'] }, 'Unsupported Topics'],
    ['a pattern that is no JSON', pattern('x'), 'Invalid filter pattern definition.'],
    ['a pattern without lists', pattern('{"body":"x"}'), 'Invalid filter pattern definition.'],
    [
      'a pattern of 4097',
      pattern(`{"body":["${'x'.repeat(4087)}"]}`),
      'less than or equal to 4096',
    ],
    ['no such destination', stream(failure(`${QUEUE}x`)), 'is invalid'],
    ['a FIFO destination', stream(failure(FIFO)), 'is invalid'],
  ])('%s', async (_what, settings, message) => {
    const refused = await refusal(create(settings));
    expect(refused.message).toContain(message);
    expect(refused.name).toMatch(/^(InvalidParameterValue|Validation)Exception$/);
    expect(refused.status).toBe(400);
    expect(scene.mappings.inventory()).toEqual([]);
  });

  it('a queue that hides messages for less than the function may run', async () => {
    const { UUID } = await create();
    await scene.advance(1000);
    scene.lambda.timeoutSeconds = 31;
    const message =
      'Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds';
    expect((await refusal(update({ BatchSize: 2 }, UUID))).message).toBe(message);
    expect((await refusal(create({ FunctionName: 'worker' }))).message).toBe(message);
    expect((await get(UUID)).BatchSize).toBe(10);
  });

  it.each<[string, Settings, string]>([
    ['sqs:ReceiveMessage', {}, 'does not have permissions to call ReceiveMessage on SQS'],
    ['sqs:DeleteMessage', {}, 'does not have permissions to call DeleteMessage on SQS'],
    ['sqs:GetQueueAttributes', {}, 'permissions to call GetQueueAttributes on SQS'],
    ['kinesis:GetRecords', stream({}), `Cannot access stream ${STREAM}. Please ensure the role`],
    [
      'dynamodb:ListStreams',
      stream({ EventSourceArn: TABLE_STREAM }),
      `Cannot access stream ${TABLE_STREAM}. Please ensure the role`,
    ],
    ['sqs:SendMessage', stream(failure(QUEUE)), 'does not have permissions to call SendMessage'],
  ])('a role without %s', async (action, settings, message) => {
    scene.denied.add(action);
    const refused = await refusal(create(settings));
    expect(refused).toMatchObject({ name: 'InvalidParameterValueException', status: 400 });
    expect(refused.message).toContain(message);
    scene.denied.clear();
    expect((await create(settings)).State).toBe('Creating');
  });
});
