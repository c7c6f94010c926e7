/** Numbers when CloudWatch Logs refuses a query. */
import { expect, it } from 'vitest';
import { readMetrics } from '../../../providers/aws/metrics/index.ts';
import { NAME, watching } from './shim-watching.ts';

/** @param refusals So many queries are refused, with this error. */
async function numbers(refusals: number, type: string, message: string) {
  const refuses = (count: number): boolean => count < refusals;
  return await watching(
    { operation: 'StartQuery', refuses, type, message },
    async ({ aws, clock, call }) => {
      const now = clock.now();
      const query = {
        from: new Date(now - 86_400_000).toISOString(),
        to: new Date(now).toISOString(),
      };
      return await readMetrics(aws, { functionName: NAME, timeoutSeconds: 5 }, query, call);
    },
  );
}

it('does not know what lies before the log began, and still has the counts', async () => {
  const text =
    'end date and time is either before the log groups creation time or exceeds the log groups log retention settings';
  expect(await numbers(1, 'MalformedQueryException', text)).toMatchObject({
    invocations: 0,
    coldStarts: null,
    warmUps: null,
    timeouts: null,
    initDurationMs: null,
  });
});

it('waits while the account runs as many queries as it may', async () => {
  const seen = await numbers(3, 'LimitExceededException', 'Too many queries are running');
  expect(seen).toMatchObject({ coldStarts: 0, warmUps: 0 });
});

it('does not wait for ever', async () => {
  const never = numbers(10_000, 'LimitExceededException', 'Too many queries are running');
  await expect(never).rejects.toMatchObject({ name: 'LimitExceededException' });
});
