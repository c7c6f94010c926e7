/** Lines of the log that are easily lost. */
import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../../providers/aws/logs/decode-line.ts';
import { readLogs } from '../../../providers/aws/logs/index.ts';
import { fixtureSource } from '../../../src/contract/fixture.ts';
import { GROUP, NAME, Platform } from '../aws-shim/platform.ts';
import { watching } from './shim-watching.ts';

describe('a line', () => {
  it.each([
    '{"level":"INFO","message":"made","type":"platform.created"}',
    '{"level":"INFO","message":"deployed","polyfaas":"1.2.3"}',
  ])('of the user’s is not taken for one of Lambda’s or the shim’s: %s', (line) => {
    expect(decodeLine(line)).toMatchObject({ level: 'info' });
  });

  it('of Python’s runtime has its level and its request', () => {
    const line = '[ERROR]\t2026-01-01T00:00:00.123Z\t8f5-1\tno such order\n';
    expect(decodeLine(line)).toEqual({
      level: 'error',
      message: 'no such order',
      requestId: '8f5-1',
    });
  });
});

it('a follower gets a line that comes late, behind later ones of another instance', async () => {
  await using platform = await Platform.start(fixtureSource());
  const logs = await platform.aws.logs();
  const put = async (stream: string, message: string, ageMs: number): Promise<void> => {
    const timestamp = platform.clock.now() - ageMs;
    await logs.createLogStream({ logGroupName: GROUP, logStreamName: stream });
    await logs.putLogEvents({
      logGroupName: GROUP,
      logStreamName: stream,
      logEvents: [{ timestamp, message }],
    });
  };
  await put('2026/01/01/[1]a', 'early', 0);
  await platform.clock.advance(30_000);
  const now = platform.clock.now();
  const query = {
    from: new Date(now - 3_600_000).toISOString(),
    to: new Date(now).toISOString(),
    limit: 2,
    follow: true,
  };
  const seen: string[] = [];
  for await (const { message } of readLogs(platform.aws, NAME, query, platform.call())) {
    seen.push(message);
    // 30 s before the line that was seen.
    if (message === 'early') await put('2026/01/01/[1]b', 'late', 60_000);
  }
  expect(seen).toEqual(['early', 'late']);
});

describe('a refusal that passes', () => {
  /** Follows the log past three entries, while each look after the first is refused so often. */
  async function follow(times: number): Promise<readonly string[]> {
    const refusals = {
      operation: 'FilterLogEvents',
      refuses: (count: number) => count > 0 && count % (times + 1) !== 0,
      type: 'ThrottlingException',
      message: 'Rate exceeded',
    };
    return await watching(refusals, async ({ aws, clock, call }) => {
      const logs = await aws.logs();
      await logs.createLogStream({ logGroupName: GROUP, logStreamName: 's' });
      const put = async (message: string): Promise<void> => {
        const logEvents = [{ timestamp: clock.now(), message }];
        await logs.putLogEvents({ logGroupName: GROUP, logStreamName: 's', logEvents });
        await clock.advance(20_000);
      };
      await put('1');
      const from = new Date(clock.now() - 60_000).toISOString();
      const query = { from, to: from, limit: 3, follow: true };
      const seen: string[] = [];
      for await (const { message } of readLogs(aws, NAME, query, call)) {
        seen.push(message);
        await put(String(seen.length + 1));
      }
      return seen;
    });
  }

  it('does not end a reader who has begun', async () => {
    expect(await follow(2)).toEqual(['1', '2', '3']);
  });

  it('ends one when it does not pass', async () => {
    await expect(follow(50)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
