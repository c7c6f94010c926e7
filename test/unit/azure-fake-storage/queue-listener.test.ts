import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegisteredFunction, TriggerOutcome } from '../../fakes/azure/core/ports.ts';
import { createListeners, type Listeners } from '../../fakes/azure/listeners/index.ts';
import { accountId, Scene, type TestHost } from './support.ts';

let scene: Scene;
let listeners: Listeners;
const SITE = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Web/sites/shop-dev-orders';
const CONTRIBUTOR = '974c5e8b-45b9-4653-ba55-5f855dd0fb88';
const PROCESSOR = '8a0f0c08-91a1-4084-bc3d-661d67233fed';
const FAILED: TriggerOutcome = { ok: false, crashed: false, message: 'no' };
const CRASHED: TriggerOutcome = { ok: false, crashed: true, message: 'gone' };

const ORDERS: RegisteredFunction = {
  name: 'orders',
  bindings: {
    queueTrigger1: {
      type: 'queueTrigger',
      direction: 'in',
      queueName: '%ORDERS_QUEUE%',
      connection: 'DATA',
    },
  },
};

beforeEach(async () => {
  scene = await new Scene().start();
  await scene.account('shopdata');
  scene.world.queues.create('shopdata', 'jobs');
  scene.grant('worker', CONTRIBUTOR, accountId('shopdata'));
  listeners = createListeners(scene.world);
});
afterEach(async () => {
  listeners.stop();
  await scene.stop();
});

function settings(): Record<string, string> {
  return {
    ORDERS_QUEUE: 'jobs',
    DATA__queueServiceUri: `${scene.world.planes.queue}/shopdata/`,
    DATA__credential: 'managedidentity',
    DATA__clientId: 'client-1',
  };
}

function start(options: object = {}, more: Readonly<Record<string, string>> = {}): TestHost {
  const config = { extensions: { queues: options } };
  return scene.restart(SITE, [ORDERS], { ...settings(), ...more }, config);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const send = (text: string): void => scene.world.queues.put('shopdata', 'jobs', base64(text));
const texts = (queue: string): readonly string[] =>
  scene.world.queues
    .peek('shopdata', queue)
    .map(({ text }) => Buffer.from(text, 'base64').toString());
const dataOf = (host: TestHost): readonly unknown[] => host.calls.map(({ data }) => data);

describe('a queue trigger', () => {
  it('hands a message over as the worker gets it, and deletes what was handled', async () => {
    const host = start();
    send('{"id":7}');
    expect(listeners.busy()).toBe(true);
    await scene.settle();
    expect(listeners.busy()).toBe(false);
    const [call] = host.calls;
    expect(call).toMatchObject({ functionName: 'orders', data: { string: '{"id":7}' } });
    expect(call?.triggerMetadata).toMatchObject({
      DequeueCount: { json: '1' },
      InsertionTime: { json: '"2026-01-01T00:00:15+00:00"' },
      ExpirationTime: { json: '"2026-01-08T00:00:15+00:00"' },
      NextVisibleTime: { json: '"2026-01-01T00:10:15+00:00"' },
      QueueTrigger: { string: '{"id":7}' },
    });
    expect(texts('jobs')).toEqual([]);
  });

  it('writes what a text holds over what is known of the message, and leaves bytes alone', async () => {
    const body = '{"id":"order-1","dequeuecount":99,"InsertionTime":null,"list":[1],"extra":true}';
    const asText = start();
    send(body);
    await scene.settle();
    expect(asText.calls[0]?.triggerMetadata).toMatchObject({
      Id: { string: 'order-1' },
      DequeueCount: { string: '99' },
      InsertionTime: { json: expect.stringContaining('2026-01-01') },
      extra: { string: 'True' },
    });
    expect(asText.calls[0]?.triggerMetadata).not.toHaveProperty('list');
    const trigger = { ...ORDERS.bindings['queueTrigger1'], dataType: 'binary' };
    const orders = { name: 'orders', bindings: { queueTrigger1: trigger } };
    const asBytes = scene.restart(SITE, [orders], settings());
    send(body);
    scene.world.queues.put('shopdata', 'jobs', '/w==');
    await scene.settle();
    expect(dataOf(asBytes)).toEqual([{ bytes: Buffer.from(body) }, { bytes: Buffer.from([0xff]) }]);
    const [known, noText] = asBytes.calls.map(({ triggerMetadata }) => triggerMetadata);
    expect(known).toMatchObject({ DequeueCount: { json: '1' }, QueueTrigger: { string: body } });
    expect(known?.['Id']).not.toEqual({ string: 'order-1' });
    expect(noText).not.toHaveProperty('QueueTrigger');
  });

  it('repeats what failed at once, and then puts it with the poison', async () => {
    const host = start({ maxDequeueCount: 3 });
    host.outcomes.push(FAILED, FAILED, FAILED);
    send('bad');
    await scene.settle();
    expect(host.calls.map((call) => call.triggerMetadata?.['DequeueCount'])).toEqual([
      { json: '1' },
      { json: '2' },
      { json: '3' },
    ]);
    expect(texts('jobs')).toEqual([]);
    expect(texts('jobs-poison')).toEqual(['bad']);
  });

  it('waits for the visibility timeout of host.json, also when a setting gives it', async () => {
    const host = start({ visibilityTimeout: '00:00:30', maxDequeueCount: '5' });
    host.outcomes.push(FAILED);
    send('again');
    await scene.settle();
    expect(host.calls).toHaveLength(1);
    expect(listeners.busy()).toBe(false);
    await scene.clock.advance(29_000);
    expect(host.calls).toHaveLength(1);
    await scene.clock.advance(1_000);
    await scene.settle();
    expect(host.calls).toHaveLength(2);
  });

  it('takes no more at once than a batch and the threshold', async () => {
    const host = start({ batchSize: 2, newBatchThreshold: 1 });
    const ends: ((outcome: TriggerOutcome) => void)[] = [];
    for (let index = 0; index < 6; index += 1) {
      host.outcomes.push(new Promise((resolve) => void ends.push(resolve)));
      send(String(index));
    }
    await scene.clock.advance(0);
    expect(host.calls).toHaveLength(2);
    ends[0]?.({ ok: true });
    await scene.clock.advance(0);
    expect(host.calls).toHaveLength(4);
    for (const end of ends) end({ ok: true });
    await scene.settle();
    expect(dataOf(host)).toHaveLength(6);
    expect(texts('jobs')).toEqual([]);
  });

  it('keeps a message hidden for as long as it is worked on', async () => {
    const host = start();
    let end = (_outcome: TriggerOutcome): void => {};
    host.outcomes.push(
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    send('long');
    await scene.clock.advance(40 * 60_000);
    expect(host.calls).toHaveLength(1);
    end({ ok: true });
    await scene.settle();
    expect(texts('jobs')).toEqual([]);
  });

  it('gives up what crashed its worker too often, and what it cannot decode', async () => {
    const host = start({ maxDequeueCount: 2 });
    host.outcomes.push(CRASHED, CRASHED);
    send('crash');
    await scene.settle();
    expect(host.calls).toHaveLength(2);
    scene.world.queues.put('shopdata', 'jobs', 'no base64!');
    await scene.settle();
    expect(host.calls).toHaveLength(2);
    expect(scene.world.queues.peek('shopdata', 'jobs-poison').map(({ text }) => text)).toEqual([
      base64('crash'),
      'no base64!',
    ]);
    const plain = start({ messageEncoding: 'none' });
    scene.world.queues.put('shopdata', 'jobs', 'no base64!');
    await scene.settle();
    expect(dataOf(plain)).toEqual([{ string: 'no base64!' }]);
  });
});

describe('the host of a queue trigger', () => {
  it('reads nothing without its roles, says so, and tries again', async () => {
    scene.grants.clear();
    const host = start();
    send('a');
    await scene.settle();
    expect(host.calls).toEqual([]);
    expect(listeners.busy()).toBe(false);
    expect(scene.traces.join('\n')).toMatch(/'Functions.orders' was unable to start.*403/);
    scene.grant('worker', PROCESSOR, accountId('shopdata'));
    await scene.clock.advance(15_000);
    await scene.settle();
    expect(dataOf(host)).toEqual([{ string: 'a' }]);
  });

  it('cannot release or give up messages with the role of a processor only', async () => {
    scene.grants.clear();
    scene.grant('worker', PROCESSOR, accountId('shopdata'));
    const host = start({ maxDequeueCount: 2 });
    host.outcomes.push(FAILED);
    send('a');
    await scene.settle();
    expect(host.calls).toHaveLength(1);
    await scene.clock.advance(10 * 60_000);
    await scene.settle();
    expect(host.calls).toHaveLength(2);
  });

  it('knows connection strings and refuses identities that the site does not have', async () => {
    const key = scene.world.storage.keyOf('shopdata');
    const connection = (accountKey: string): Readonly<Record<string, string>> => ({
      ORDERS_QUEUE: 'jobs',
      DATA: `DefaultEndpointsProtocol=https;AccountName=shopdata;AccountKey=${accountKey}`,
    });
    const host = scene.restart(SITE, [ORDERS], connection(key));
    send('a');
    await scene.settle();
    expect(dataOf(host)).toEqual([{ string: 'a' }]);
    const wrong = scene.restart(SITE, [ORDERS], connection('d3Jvbmc='));
    send('b');
    await scene.settle();
    const stranger = start({}, { DATA__clientId: 'client-2' });
    await scene.settle();
    const nowhere = scene.restart(SITE, [ORDERS], { ORDERS_QUEUE: 'jobs' });
    await scene.settle();
    for (const each of [wrong, stranger, nowhere]) expect(each.calls).toEqual([]);
    expect(scene.traces.join('\n')).toContain("client id 'client-2'");
    expect(scene.traces.join('\n')).toContain("'DATA' does not exist");
  });

  it('does not serve what is disabled, or names a setting that is not there', async () => {
    const disabled = start({}, { 'AzureWebJobs.orders.Disabled': 'true' });
    send('a');
    await scene.settle();
    const unnamed = start({}, { ORDERS_QUEUE: '' });
    await scene.settle();
    expect([...disabled.calls, ...unnamed.calls]).toEqual([]);
    expect(scene.traces.join('\n')).toContain("'%ORDERS_QUEUE%' does not resolve to a value.");
    const host = start();
    await scene.settle();
    expect(dataOf(host)).toEqual([{ string: 'a' }]);
  });

  it('waits for a queue that is not there', async () => {
    const host = start({}, { ORDERS_QUEUE: 'coming' });
    await scene.settle();
    expect(scene.world.queues.exists('shopdata', 'coming')).toBe(false);
    scene.world.queues.create('shopdata', 'coming');
    scene.world.queues.put('shopdata', 'coming', base64('a'));
    await scene.settle();
    expect(dataOf(host)).toEqual([{ string: 'a' }]);
  });

  it('hands over to the next one on a restart', async () => {
    const first = start();
    await scene.settle();
    const second = start();
    send('a');
    await scene.settle();
    expect(first.calls).toEqual([]);
    expect(dataOf(second)).toEqual([{ string: 'a' }]);
    scene.remove(SITE);
    send('b');
    await scene.settle();
    expect(second.calls).toHaveLength(1);
    expect(texts('jobs')).toEqual(['b']);
  });

  it('loses no message when it is ended in the middle of a call', async () => {
    const first = start();
    let end = (_outcome: TriggerOutcome): void => {};
    first.outcomes.push(
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    send('a');
    await scene.clock.advance(0);
    const second = start();
    end(CRASHED);
    await scene.settle();
    expect(second.calls).toEqual([]);
    await scene.clock.advance(10 * 60_000);
    await scene.settle();
    expect(second.calls.map((call) => call.triggerMetadata?.['DequeueCount'])).toEqual([
      { json: '2' },
    ]);
  });
});
