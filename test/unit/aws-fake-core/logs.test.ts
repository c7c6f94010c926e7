import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../fakes/aws/logs/filter-pattern.ts';
import { ACCOUNT, NOW, REGION, refusal, useSubject } from './support.ts';

const subject = useSubject();
const logs = (): CloudWatchLogs => new CloudWatchLogs(subject().settings());
const write = (group: string, stream: string, at: number, message: string): void =>
  subject().fake.world.logs.write(group, stream, at, message);

describe('log groups', () => {
  it('are made, described, tagged and deleted', async () => {
    const logGroupName = '/aws/lambda/shop-dev-orders';
    await logs().createLogGroup({ logGroupName, tags: { a: '1' } });
    expect(await refusal(logs().createLogGroup({ logGroupName }))).toEqual([
      'ResourceAlreadyExistsException',
      400,
    ]);
    await logs().putRetentionPolicy({ logGroupName, retentionInDays: 14 });
    const { logGroups } = await logs().describeLogGroups({
      logGroupNamePrefix: '/aws/lambda/shop',
    });
    const arn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logGroupName}`;
    expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: 14, arn: `${arn}:*` }]);
    await logs().tagResource({ resourceArn: arn, tags: { b: '2' } });
    expect((await logs().listTagsForResource({ resourceArn: arn })).tags).toEqual({
      a: '1',
      b: '2',
    });
    const odd = logs().putRetentionPolicy({ logGroupName, retentionInDays: 10 });
    expect(await refusal(odd)).toEqual(['InvalidParameterException', 400]);
    await logs().deleteRetentionPolicy({ logGroupName });
    await logs().deleteLogGroup({ logGroupName });
    expect(await refusal(logs().deleteLogGroup({ logGroupName }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
    expect(await refusal(logs().createLogGroup({ logGroupName: 'a b' }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
  });
});

describe('events', () => {
  it('are seen after a while, by time, page by page', async () => {
    const logGroupName = 'paged';
    const now = subject().clock.now();
    write(logGroupName, 's1', now + 20, 'third');
    write(logGroupName, 's2', now, 'first');
    write(logGroupName, 's1', now, 'second');
    expect((await logs().filterLogEvents({ logGroupName })).events).toEqual([]);
    await subject().clock.advance(2000);
    const found = [];
    let nextToken: string | undefined;
    do {
      const page = await logs().filterLogEvents({
        logGroupName,
        limit: 2,
        ...(nextToken && { nextToken }),
      });
      found.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(found.map(({ message }) => message)).toEqual(['first', 'second', 'third']);
    expect(new Set(found.map(({ eventId }) => eventId)).size).toBe(3);
    expect(found[2]).toMatchObject({
      timestamp: now + 20,
      logStreamName: 's1',
      ingestionTime: now,
    });
  });

  it('are chosen by time, stream and pattern', async () => {
    const logGroupName = 'chosen';
    const now = subject().clock.now();
    write(logGroupName, 'app/1', now, 'ERROR one');
    write(logGroupName, 'app/2', now + 1, JSON.stringify({ level: 'ERROR', n: 2 }));
    write(logGroupName, 'other', now + 2, 'fine');
    await subject().clock.advance(3000);
    const messages = async (more: object): Promise<unknown> =>
      (await logs().filterLogEvents({ logGroupName, ...more })).events?.map(
        ({ message }) => message,
      );
    expect(await messages({ startTime: now + 1, endTime: now + 1 })).toHaveLength(1);
    expect(await messages({ startTime: now + 2 })).toEqual(['fine']);
    expect(await messages({ logStreamNamePrefix: 'app/' })).toHaveLength(2);
    expect(await messages({ logStreamNames: ['other'] })).toEqual(['fine']);
    expect(await messages({ filterPattern: '"ERROR one"' })).toEqual(['ERROR one']);
    expect(await messages({ filterPattern: '{ $.level = "ERROR" && $.n >= 2 }' })).toHaveLength(1);
    expect(await refusal(messages({ filterPattern: '{ $.level' }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
    expect(await refusal(messages({ logGroupName: 'nothing' }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
    expect(await refusal(messages({ nextToken: 'made-up' }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
  });

  it('are read by stream', async () => {
    const logGroupName = 'streams';
    const now = subject().clock.now();
    for (let n = 0; n < 4; n += 1) write(logGroupName, 'one', now + n, `line ${n}`);
    await subject().clock.advance(2000);
    const read = await logs().getLogEvents({
      logGroupName,
      logStreamName: 'one',
      startFromHead: true,
      limit: 3,
    });
    expect(read.events?.map(({ message }) => message)).toEqual(['line 0', 'line 1', 'line 2']);
    const rest = await logs().getLogEvents({
      logGroupName,
      logStreamName: 'one',
      nextToken: read.nextForwardToken,
    });
    expect(rest.events?.map(({ message }) => message)).toEqual(['line 3']);
    const end = await logs().getLogEvents({
      logGroupName,
      logStreamName: 'one',
      nextToken: rest.nextForwardToken,
    });
    expect([end.events, end.nextForwardToken]).toEqual([[], rest.nextForwardToken]);
    const { logStreams } = await logs().describeLogStreams({ logGroupName });
    expect(logStreams).toMatchObject([
      { logStreamName: 'one', firstEventTimestamp: now, lastEventTimestamp: now + 3 },
    ]);
  });

  it('go with their retention', async () => {
    const logGroupName = 'retained';
    write(logGroupName, 's', NOW, 'old');
    await logs().putRetentionPolicy({ logGroupName, retentionInDays: 1 });
    await subject().clock.advance(2000);
    expect((await logs().filterLogEvents({ logGroupName })).events).toHaveLength(1);
    await subject().clock.advance(86_400_000);
    expect((await logs().filterLogEvents({ logGroupName })).events).toHaveLength(0);
  });
});

describe('filter patterns', () => {
  const json = JSON.stringify({
    level: 'error',
    n: 5,
    deep: { a: [{ id: 'x-1' }] },
    nil: null,
    yes: true,
  });
  it.each([
    ['', 'anything', true],
    ['ERROR', 'an ERROR here', true],
    ['ERROR', 'an error here', false],
    ['ERROR here', 'here is an ERROR', true],
    ['ERROR -debug', 'ERROR debug', false],
    ['?a ?b', 'only b', true],
    ['"a \\"b\\""', 'x a "b" y', true],
    ['%[0-9]{3}%', 'code 404', true],
    ['%[0-9]{3}%', 'code 40', false],
    ['{ $.level = "error" }', json, true],
    ['{ $.level = error }', json, true],
    ['{ $.level = "err*" }', json, true],
    ['{ $.level != "error" }', json, false],
    ['{ $.n > 4 && $.n < 6 }', json, true],
    ['{ ($.n = 4) || ($.n = 5) }', json, true],
    ['{ $.deep.a[0].id = "x-1" }', json, true],
    ['{ $.nil IS NULL }', json, true],
    ['{ $.yes IS TRUE }', json, true],
    ['{ $.none NOT EXISTS }', json, true],
    ['{ $.level = %^err% }', json, true],
    ['{ $.level = "error" }', 'no json', false],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(compilePattern(pattern)(message)).toBe(expected);
  });
});
