/** Cloud Monitoring answers 200 for series that it could not read: that is no 0. */
import { describe, expect, it } from 'vitest';
import { monitored, SERVICE } from './monitored.ts';

describe('a metric that Cloud Monitoring could not read', () => {
  it('is an error that may be gone the next time', async () => {
    const { telemetry, called, read } = await monitored();
    called('one');
    telemetry.metricTroubles.set('request_count', { code: 14, message: 'A zone is down.' });
    await expect(read()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      provider: 'gcp',
      message: `Cloud Monitoring could not read the metric run.googleapis.com/request_count of ${SERVICE}: A zone is down. (code 14). Run the same operation again.`,
    });
    expect(await read()).toMatchObject({ invocations: 1, errors: 0 });
  });

  it('is refused for good where it may not be read', async () => {
    const { telemetry, called, read } = await monitored();
    called('one');
    telemetry.metricTroubles.set('request_count', { code: 7, message: '' });
    await expect(read()).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `Cloud Monitoring could not read the metric run.googleapis.com/request_count of ${SERVICE}: code 7. Give the credentials in use the role "roles/monitoring.viewer" on the project.`,
    });
  });
});
