import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALIAS, lambdaClient, REGION, Scene, sqsClient, TABLE_STREAM } from './support.ts';

let scene: Scene;
let lambda: LambdaClient;

beforeEach(async () => {
  scene = await new Scene().start();
  lambda = lambdaClient(scene);
});
afterEach(async () => {
  lambda.destroy();
  await scene.stop();
});

async function map(settings: Partial<CreateEventSourceMappingCommandInput> = {}): Promise<void> {
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: TABLE_STREAM,
      FunctionName: ALIAS,
      StartingPosition: 'TRIM_HORIZON',
      ...settings,
    }),
  );
  await scene.advance(1000);
}

describe('changes of a table', () => {
  it('arrive in the form that AWS gives them', async () => {
    await map();
    const inner = {
      ApproximateCreationDateTime: 1,
      Keys: { id: { S: 'a' } },
      NewImage: { id: { S: 'a' } },
      SequenceNumber: '101',
      SizeBytes: 10,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    };
    scene.table.put({
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      dynamodb: inner,
    });
    await scene.settle();
    expect(scene.lambda.deliveries[0]?.event.Records).toEqual([
      {
        eventID: expect.stringMatching(/^[\da-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: REGION,
        dynamodb: inner,
        eventSourceARN: TABLE_STREAM,
      },
    ]);
  });

  it('are told of with their own batch information, and filtered', async () => {
    const sqs = sqsClient(scene);
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    sqs.destroy();
    const Destination = scene.sqs.arnOf('dead');
    await map({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination } },
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"Keys":{"id":{"S":["a"]}}}}' }],
      },
    });
    scene.lambda.answers.push('fail');
    for (const [eventName, id] of [
      ['INSERT', 'a'],
      ['INSERT', 'b'],
      ['REMOVE', 'a'],
    ]) {
      scene.table.put({ eventName, dynamodb: { Keys: { id: { S: id } } } });
    }
    await scene.settle();
    expect(scene.lambda.batches(({ eventName }) => eventName)).toEqual([['INSERT']]);
    const letters = scene.sqs.peek(Destination).map(({ body }): unknown => JSON.parse(body));
    expect(letters).toMatchObject([
      { DDBStreamBatchInfo: { batchSize: 1, streamArn: TABLE_STREAM } },
    ]);
  });
});
