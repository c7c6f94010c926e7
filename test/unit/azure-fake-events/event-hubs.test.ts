import { describe, expect, it } from 'vitest';
import { createEventHubs } from '../../fakes/azure/event-hubs/index.ts';
import { armOf, connection, GROUP, IDENTITY, Surroundings } from './world.ts';

const NS = `${GROUP}/providers/Microsoft.EventHub/namespaces/shop-hubs`;
const HUB = `${NS}/eventhubs/clicks`;
const RECEIVER = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde';
const FAILED = { ok: false, crashed: false, message: 'no' } as const;
const BINDING = {
  type: 'eventHubTrigger',
  eventHubName: 'clicks',
  connection: 'HUBS',
  consumerGroup: 'mine',
  cardinality: 'many',
};
const RETRY = { retryStrategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 3 } };

async function setUp(partitionCount = 1) {
  const around = new Surroundings();
  const hubs = createEventHubs(around.world());
  const arm = armOf(hubs.provider, '2024-01-01');
  await arm('PUT', NS, { location: 'westeurope', sku: { name: 'Standard', capacity: 1 } });
  await around.advance(60_000);
  await arm('PUT', HUB, { properties: { partitionCount, messageRetentionInDays: 1 } });
  await arm('PUT', `${HUB}/consumergroups/mine`, { properties: {} });
  Object.assign(
    around.settings,
    connection('HUBS', 'fullyQualifiedNamespace', 'shop-hubs.servicebus.windows.net'),
  );
  around.grant(IDENTITY.principalId, RECEIVER, `${HUB}/consumergroups/mine`);
  const send = (...values: readonly number[]): void => {
    for (const value of values) hubs.send('shop-hubs', 'clicks', 'key', String(value));
  };
  return { around, hubs, arm, send };
}

describe('hubs', () => {
  it('are made with their default group, and refuse what is out of range', async () => {
    const { arm, hubs } = await setUp(2);
    expect((await arm('GET', HUB)).properties).toMatchObject({
      partitionCount: 2,
      partitionIds: ['0', '1'],
      messageRetentionInDays: 1,
      status: 'Active',
    });
    for (const properties of [
      { partitionCount: 0 },
      { partitionCount: 33 },
      { messageRetentionInDays: 8 },
    ]) {
      expect((await arm('PUT', `${NS}/eventhubs/other`, { properties })).status).toBe(400);
    }
    const changed = await arm('PUT', HUB, { properties: { partitionCount: 4 } });
    expect(changed.message).toContain("PartitionCount can't be changed");
    const groups = await arm('GET', `${HUB}/consumergroups`);
    expect(groups.value.map(({ name }) => name)).toEqual(['$Default', 'mine']);
    expect(hubs.provider.inventory()).toEqual([
      'event hubs namespace shop-hubs',
      'event hub shop-hubs/clicks',
      'event hub consumer group shop-hubs/clicks/mine',
    ]);
  });
});

describe('the trigger', () => {
  it('delivers batches in order, with lists beside them', async () => {
    const { around, send } = await setUp();
    around.hostConfig = { extensions: { eventHubs: { maxEventBatchSize: 2 } } };
    await around.serve(BINDING);
    send(1, 2, 3);
    await around.settle();
    expect(around.inputs()).toEqual([['1', '2'], ['3']]);
    expect(around.metadata(0, 'SequenceNumberArray')).toEqual([
      { low: 0, high: 0, unsigned: false },
      { low: 1, high: 0, unsigned: false },
    ]);
    expect(around.metadata(0, 'PartitionKeyArray')).toEqual(['key', 'key']);
    expect(around.metadata(0, 'PartitionContext')).toMatchObject({
      PartitionId: '0',
      ConsumerGroup: 'mine',
    });
    // .NET knows no zone there, and writes no zeros behind the point.
    expect(around.metadata(1, 'EnqueuedTimeUtcArray')).toEqual([
      new Date(around.clock.now()).toISOString().slice(0, 19),
    ]);
    expect(around.metadata(1, 'SystemPropertiesArray')).toMatchObject([
      { SequenceNumber: 2, PartitionKey: 'key' },
    ]);
  });

  it('leaves empty texts out of a batch, and of the keys beside it: only bytes keep their places', async () => {
    const { around, hubs } = await setUp();
    const sendAll = (): void => {
      hubs.send('shop-hubs', 'clicks', undefined, '{"id":1}');
      hubs.send('shop-hubs', 'clicks', 'key', '');
      hubs.send('shop-hubs', 'clicks', 'key', '2');
    };
    await around.serve(BINDING);
    sendAll();
    await around.settle();
    expect(around.inputs()).toEqual([['{"id":1}', '2']]);
    expect(around.metadata(0, 'PartitionKeyArray')).toEqual(['key', 'key']);
    expect(around.metadata(0, 'SystemPropertiesArray')).toMatchObject([
      { PartitionKey: null },
      { PartitionKey: 'key' },
      { PartitionKey: 'key' },
    ]);
    await around.serve({ ...BINDING, dataType: 'binary' });
    sendAll();
    await around.settle();
    expect(around.inputs()[1]).toEqual(['{"id":1}', '', '2'].map((body) => Buffer.from(body)));
  });

  it('writes what a single event holds over the metadata, where it is handed over as a text', async () => {
    const { around, hubs } = await setUp();
    await around.serve({ ...BINDING, cardinality: 'one' });
    hubs.send('shop-hubs', 'clicks', 'key', '{"sequenceNumber":99}');
    await around.settle();
    expect(around.metadata(0, 'SequenceNumber')).toBe('99');
  });

  it('goes on behind a batch that fails, without a retry policy', async () => {
    const { around, send } = await setUp();
    await around.serve(BINDING);
    around.outcomes.push(FAILED);
    send(1);
    await around.settle();
    send(2);
    await around.settle();
    expect(around.inputs()).toEqual([['1'], ['2']]);
  });

  it('repeats a batch as the policy says, and holds back those behind it', async () => {
    const { around, send, hubs } = await setUp();
    await around.serve(BINDING, RETRY);
    around.outcomes.push(FAILED, FAILED);
    send(1);
    await around.settle();
    send(2);
    await around.settle();
    expect(hubs.busy()).toBe(false);
    expect(around.inputs()).toEqual([['1']]);
    await around.advance(3000);
    expect(around.calls[1]?.retryContext).toEqual({ retryCount: 1, maxRetryCount: 2 });
    await around.advance(3000);
    expect(around.inputs()).toEqual([['1'], ['1'], ['1'], ['2']]);
  });

  it('keeps its place over restarts, and forgets it with the site', async () => {
    const { around, send } = await setUp();
    await around.serve(BINDING);
    send(1);
    await around.settle();
    await around.restart();
    send(2);
    await around.settle();
    expect(around.inputs()).toEqual([['1'], ['2']]);
    await around.remove();
    await around.serve(BINDING);
    expect(around.inputs()).toEqual([['1'], ['2'], ['1', '2']]);
  });

  it('begins again what was not done when the host was stopped', async () => {
    const { around, send } = await setUp();
    await around.serve(BINDING, RETRY);
    around.outcomes.push(FAILED);
    send(1);
    await around.settle();
    await around.restart();
    await around.advance(10_000);
    expect(around.inputs()).toEqual([['1'], ['1']]);
  });

  it.each([
    [{ type: 'fromStart' }, [['1', '2']]],
    [{ type: 'fromEnd' }, []],
    [{ type: 'fromEnqueuedTime', enqueuedTimeUtc: '2026-11-20T12:01:30Z' }, [['2']]],
  ])('begins %o', async (initialOffsetOptions, expected) => {
    const { around, send } = await setUp();
    around.hostConfig = { extensions: { eventHubs: { initialOffsetOptions } } };
    send(1);
    await around.advance(60_000);
    send(2);
    await around.serve(BINDING);
    expect(around.inputs()).toEqual(expected);
  });

  it('waits for a fuller batch where it is told to', async () => {
    const { around, send } = await setUp();
    around.hostConfig = {
      extensions: { eventHubs: { minEventBatchSize: 5, maxWaitTime: '00:00:10' } },
    };
    await around.serve(BINDING);
    send(1);
    await around.advance(5000);
    send(2);
    await around.advance(4000);
    expect(around.inputs()).toEqual([]);
    await around.advance(1000);
    expect(around.inputs()).toEqual([['1', '2']]);
  });

  it('waits for its role and its consumer group', async () => {
    const { around, send, arm } = await setUp();
    await around.serve({ ...BINDING, consumerGroup: 'later' });
    send(1);
    await around.advance(20_000);
    await arm('PUT', `${HUB}/consumergroups/later`, {});
    await around.advance(20_000);
    expect(around.inputs()).toEqual([]);
    expect(around.traces.join()).toContain("'Listen' claim");
    around.grant(IDENTITY.principalId, RECEIVER, `${HUB}/consumergroups/later`);
    await around.advance(5000);
    expect(around.inputs()).toEqual([['1']]);
  });
});
