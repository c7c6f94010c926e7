/** CloudWatch answers 200 for metrics that it could not read: that is no 0. */
import { describe, expect, it } from 'vitest';
import { cloudWatchOnly, NAME } from './cloudwatch.ts';

const HOUR_MS = 3_600_000;

describe('a metric that CloudWatch could not read', () => {
  it('is an error that may be gone the next time', async () => {
    const cloudwatch = await cloudWatchOnly();
    cloudwatch.called(HOUR_MS / 2);
    cloudwatch.troubles.set('Invocations', {
      statusCode: 'InternalError',
      message: { Code: 'InternalError', Value: 'The metric store is busy.' },
    });
    await expect(cloudwatch.read(HOUR_MS, 0)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      provider: 'aws',
      message: `CloudWatch could not read the metric Invocations of ${NAME}: InternalError (The metric store is busy.). Run the same operation again.`,
    });
    expect(await cloudwatch.read(HOUR_MS, 0)).toMatchObject({ invocations: 1, errors: 0 });
  });

  it('is refused for good where it may not be read', async () => {
    const cloudwatch = await cloudWatchOnly();
    cloudwatch.called(HOUR_MS / 2);
    cloudwatch.troubles.set('Errors', { statusCode: 'Forbidden' });
    await expect(cloudwatch.read(HOUR_MS, 0)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `CloudWatch could not read the metric Errors of ${NAME}: Forbidden. Allow "cloudwatch:GetMetricData" to the credentials in use.`,
    });
  });

  it('is read on from the next page, and is an error when there is none', async () => {
    const cloudwatch = await cloudWatchOnly();
    cloudwatch.called(HOUR_MS / 2);
    cloudwatch.troubles.set('Invocations', { statusCode: 'PartialData', hasMore: true });
    cloudwatch.troubles.set('Duration', { statusCode: 'PartialData', hasMore: true });
    expect(await cloudwatch.read(HOUR_MS, 0)).toMatchObject({
      invocations: 1,
      durationMs: { average: 20, max: 20 },
    });
    cloudwatch.troubles.set('Invocations', { statusCode: 'PartialData' });
    await expect(cloudwatch.read(HOUR_MS, 0)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('Invocations'),
    });
  });
});
