/** Calls that are accepted now, and run when they can. */
import { describe, expect, it } from 'vitest';
import type { AsyncPolicy, VersionConfig } from '../../fakes/aws/lambda/execution.ts';
import { ARN, Lab, version } from './world.ts';

const FAIL = `export const handler = async () => { throw new Error('never works'); };`;
const ECHO = 'export const handler = async (event) => ({ seen: event });';
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:failed';
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:done';

function send(
  lab: Lab,
  config: VersionConfig | undefined,
  policy: Partial<AsyncPolicy> = {},
  reserved?: number,
): void {
  lab.execution.invokeAsync(() => config, {
    payload: '{"order":7}',
    invokedArn: `${ARN}:live`,
    requestId: 'request-1',
    policy: () => ({ maxRetries: 2, maxAgeSeconds: 21_600, ...policy }),
    limits: { provisioned: 0, ...(reserved !== undefined && { reserved }) },
  });
}

const starts = (lab: Lab): readonly string[] =>
  lab.small.messages.filter((line) => line.startsWith('START'));

describe('asynchronous calls', () => {
  it('run once when they succeed, and tell their destination', async () => {
    await using lab = new Lab();
    send(lab, await version(ECHO), { onSuccess: TOPIC, onFailure: QUEUE });
    await lab.small.settle();
    await lab.small.advance(3_600_000);
    expect(starts(lab)).toEqual(['START RequestId: request-1 Version: 7']);
    expect(lab.small.sent).toEqual([
      {
        service: 'sns',
        target: TOPIC,
        body: {
          version: '1.0',
          timestamp: expect.stringMatching(/^2026-11-21T12:00:00.000Z$/),
          requestContext: {
            requestId: 'request-1',
            functionArn: `${ARN}:live`,
            condition: 'Success',
            approximateInvokeCount: 1,
          },
          requestPayload: { order: 7 },
          responseContext: { statusCode: 200, executedVersion: '7' },
          responsePayload: { seen: { order: 7 } },
        },
      },
    ]);
  });

  it('are repeated after one minute, and after two more, with the same id', async () => {
    await using lab = new Lab();
    send(lab, await version(FAIL), { onFailure: QUEUE });
    await lab.small.settle();
    await lab.small.advance(59_000);
    expect(starts(lab)).toHaveLength(1);
    await lab.small.advance(1000);
    expect(starts(lab)).toHaveLength(2);
    await lab.small.advance(119_000);
    expect(starts(lab)).toHaveLength(2);
    expect(lab.small.sent).toEqual([]);
    await lab.small.advance(1000);
    expect(starts(lab)).toEqual(Array(3).fill('START RequestId: request-1 Version: 7'));
    expect(lab.small.sent).toMatchObject([
      {
        service: 'sqs',
        target: QUEUE,
        body: {
          requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
          responseContext: { statusCode: 200, executedVersion: '7', functionError: 'Unhandled' },
          responsePayload: { errorType: 'Error', errorMessage: 'never works' },
        },
      },
    ]);
  });

  it('are repeated no more often than the policy says', async () => {
    await using lab = new Lab();
    send(lab, await version(FAIL), { maxRetries: 0 });
    await lab.small.settle();
    await lab.small.advance(3_600_000);
    expect(starts(lab)).toHaveLength(1);
  });

  it('are given up when they grow too old', async () => {
    await using lab = new Lab();
    send(lab, await version(FAIL), { maxAgeSeconds: 90, onFailure: QUEUE });
    await lab.small.settle();
    await lab.small.advance(60_000);
    expect(starts(lab)).toHaveLength(2);
    await lab.small.advance(30_000);
    expect(starts(lab)).toHaveLength(2);
    expect(lab.small.sent).toMatchObject([
      { body: { requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 2 } } },
    ]);
  });

  it('wait when the function is throttled, and lose no attempt by it', async () => {
    await using lab = new Lab();
    const config = await version(
      `export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));`,
    );
    const busy = lab.call(config, {}, { reserved: 1 });
    send(lab, config, { maxRetries: 0, onFailure: QUEUE }, 1);
    await busy;
    await lab.small.advance(1000);
    expect(starts(lab)).toHaveLength(2);
    expect(lab.small.values('Throttles')).toContain(1);
    expect(lab.small.sent).toEqual([]);
  });

  it('are given up at once when the function may not run at all', async () => {
    await using lab = new Lab();
    send(lab, await version(ECHO), { onFailure: QUEUE }, 0);
    await lab.small.settle();
    expect(lab.small.sent).toMatchObject([
      { body: { requestContext: { approximateInvokeCount: 0 } } },
    ]);
  });

  it('go with their function', async () => {
    await using lab = new Lab();
    send(lab, undefined, { onFailure: QUEUE });
    await lab.small.settle();
    expect(lab.small.sent).toEqual([]);
  });

  it('find the version that their alias means at each attempt', async () => {
    await using lab = new Lab();
    let config = await version(FAIL);
    lab.execution.invokeAsync(() => config, {
      payload: '1',
      invokedArn: `${ARN}:live`,
      policy: () => ({ maxRetries: 2, maxAgeSeconds: 21_600 }),
      limits: { provisioned: 0 },
    });
    await lab.small.settle();
    config = await version(ECHO, { version: '8' });
    await lab.small.advance(60_000);
    await lab.small.advance(3_600_000);
    expect(starts(lab).map((line) => line.slice(-1))).toEqual(['7', '8']);
  });

  it('are refused when they are too large', async () => {
    await using lab = new Lab();
    const config = await version(ECHO);
    expect(() =>
      lab.execution.invokeAsync(() => config, {
        payload: JSON.stringify('x'.repeat(1_048_576)),
        invokedArn: ARN,
        policy: () => ({ maxRetries: 2, maxAgeSeconds: 21_600 }),
        limits: { provisioned: 0 },
      }),
    ).toThrow('1048576');
  });
});

describe('destinations', () => {
  it.each([
    [QUEUE, 'sqs', 'sqs:SendMessage'],
    [TOPIC, 'sns', 'sns:Publish'],
    [
      'arn:aws:events:eu-central-1:123456789012:event-bus/orders',
      'events Lambda Function Invocation Result - Failure',
      'events:PutEvents',
    ],
    ['arn:aws:lambda:eu-central-1:123456789012:function:other', 'lambda', 'lambda:InvokeFunction'],
  ])('%s is reached when the role allows it', async (arn, service, action) => {
    await using lab = new Lab();
    const config = await version(FAIL);
    send(lab, config, { maxRetries: 0, onFailure: arn });
    await lab.small.settle();
    expect(lab.small.sent).toMatchObject([
      { service, body: { requestContext: { condition: 'RetriesExhausted' } } },
    ]);
    lab.small.denied.add(action);
    send(lab, config, { maxRetries: 0, onFailure: arn });
    await lab.small.settle();
    expect(lab.small.sent).toHaveLength(1);
    expect(lab.small.values('DestinationDeliveryFailures', { FunctionName: 'orders' })).toEqual([
      1,
    ]);
  });
});

describe('dead letters', () => {
  it('hold the bare event, and why it was given up', async () => {
    await using lab = new Lab();
    send(lab, await version(FAIL), { maxRetries: 0, deadLetter: QUEUE });
    await lab.small.settle();
    expect(lab.small.sent).toEqual([
      {
        service: 'sqs',
        target: QUEUE,
        body: { order: 7 },
        attributes: { RequestID: 'request-1', ErrorCode: '200', ErrorMessage: 'never works' },
      },
    ]);
  });

  it('are lost when the role may not send them', async () => {
    await using lab = new Lab();
    lab.small.denied.add('sqs:SendMessage');
    send(lab, await version(FAIL), { maxRetries: 0, deadLetter: QUEUE });
    await lab.small.settle();
    expect(lab.small.sent).toEqual([]);
    expect(lab.small.values('DeadLetterErrors', { FunctionName: 'orders' })).toEqual([1]);
  });
});
