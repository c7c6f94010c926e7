/**
 * A build takes Google a minute or two, so only what makes another version asks for one: code, environment, sizes. And
 * what cannot be changed in place is there anew before the old one goes, so that no message falls between.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec, JsonValue } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { sendHttp } from '../../src/contract/http-client.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const BUILD = /^functions (?:POST|PATCH|DELETE)|^uploads /;
const builds = async (work: () => Promise<unknown>): Promise<readonly string[]> =>
  (await stage.during(work)).filter((call) => BUILD.test(call));

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

/** Says in its log what it got. */
const TELLING = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => 'a',
  http: async (request) => new Response(new URL(request.url).pathname),
  topic: async (message, { log }) => { log.info('GOT ' + JSON.stringify(message.data)); },
  queue: async (batch, { log }) => { for (const one of batch.messages) log.info('GOT ' + JSON.stringify(one.data)); },
};`;

async function got(manager: ServerlessManager, name: string): Promise<readonly JsonValue[]> {
  const found: JsonValue[] = [];
  for await (const { message } of manager.logs(name, { last: '1d' })) {
    if (message.startsWith('GOT ')) found.push(JSON.parse(message.slice('GOT '.length)));
  }
  return found;
}

const EVENTS: readonly (readonly [EventSpec, EventSpec])[] = [
  [
    { type: 'schedule', id: 'e', cron: '0 3 * * *' },
    { type: 'schedule', id: 'e', cron: '0 4 * * *' },
  ],
  [
    { type: 'queue', id: 'e', queue: 'no-build-queue', create: true },
    { type: 'queue', id: 'e', queue: 'no-build-queue', create: true, retry: { maxAttempts: 9 } },
  ],
  [
    { type: 'topic', id: 'e', topic: 'no-build-topic', create: true },
    { type: 'topic', id: 'e', topic: 'no-build-topic', create: true, filter: { kind: ['a'] } },
  ],
  [
    { type: 'bus', id: 'e', bus: 'no-build-bus', create: true },
    { type: 'bus', id: 'e', bus: 'no-build-bus', create: true, pattern: { type: ['placed'] } },
  ],
  [
    { type: 'object', id: 'e', bucket: 'no-build-bucket', create: true },
    { type: 'object', id: 'e', bucket: 'no-build-bucket', create: true, suffix: '.png' },
  ],
  [
    { type: 'table', id: 'e', table: 'rows' },
    { type: 'table', id: 'e', table: 'rows', deadLetter: 'rows-dead', create: true },
  ],
  [
    { type: 'http', id: 'e', path: '/orders' },
    { type: 'http', id: 'e', path: '/orders/{id}', cors: true },
  ],
];

describe('nothing is built for', () => {
  it.each(EVENTS.map(([event, changed]) => ({ kind: event.type, event, changed })))(
    'an event of kind $kind that comes, changes, and goes',
    async ({ kind, event, changed }) => {
      const name = `of-${kind}`;
      const manager = await fresh(name, { source: EVENTS_SOURCE });
      const { version } = await manager.deploy(name);
      const calls = await builds(async () => {
        await manager.configureEvent(name, event);
        await manager.configureEvent(name, changed);
        await manager.removeEvent(name, 'e');
      });
      expect(calls).toEqual([]);
      // Declared, it is the same.
      const declared = await fresh(name, { source: EVENTS_SOURCE, events: [event] });
      expect(await builds(() => declared.deploy(name))).toEqual([]);
      expect((await declared.describe(name))?.liveVersion).toBe(version);
      expect((await declared.deploy(name)).changed).toBe(false);
      await declared.remove(name);
    },
  );

  it('a route, which answers a moment later', async () => {
    const manager = await fresh('routes', { source: TELLING });
    await manager.deploy('routes');
    expect((await manager.describe('routes'))?.url).toBeNull();
    await manager.configureEvent('routes', { type: 'http', id: 'e', method: 'GET', path: '/a' });
    const { url } = (await manager.describe('routes')) ?? {};
    const first = await sendHttp(`${url}/a`);
    expect([first.status, first.text]).toEqual([200, '/a']);
    const calls = await builds(() =>
      manager.configureEvent('routes', { type: 'http', id: 'f', method: 'GET', path: '/b' }),
    );
    expect(calls).toEqual([]);
    const status = async (path: string): Promise<number> =>
      (await sendHttp(`${url}${path}`)).status;
    await stage.until('the second route answers', async () => (await status('/b')) === 200);
    expect(await status('/a')).toBe(200);
    await manager.removeEvent('routes', 'e');
    await stage.until('the first route is gone', async () => (await status('/a')) === 404);
    expect(await status('/b')).toBe(200);
  });

  it('instances that are kept ready', async () => {
    await (await fresh('ready', { source: EVENTS_SOURCE })).deploy('ready');
    const manager = await fresh('ready', { source: EVENTS_SOURCE, minInstances: 2 });
    expect(await builds(() => manager.deploy('ready'))).toEqual([]);
    const less = await fresh('ready', { source: EVENTS_SOURCE });
    expect(await builds(() => less.deploy('ready'))).toEqual([]);
    expect((await less.plan('ready', { drift: 'full' })).steps).toEqual([]);
  });

  it('other tags, which push nothing out that can be gone back to', async () => {
    const of = (env: string, tags: Record<string, string>) =>
      fresh('tagged', { source: TELLING, env: { PLACE: env }, keepVersions: 2, tags });
    const { version } = await (await of('a', {})).deploy('tagged');
    await (await of('b', {})).deploy('tagged');
    for (const team of ['shop', 'billing', 'sales']) {
      const manager = await of('b', { team });
      expect(await builds(() => manager.deploy('tagged'))).toEqual([]);
    }
    expect((await (await of('b', { team: 'sales' })).rollback('tagged')).version).toBe(version);
  });

  it('rules of asynchronous calls', async () => {
    await (await fresh('ruled', { source: EVENTS_SOURCE })).deploy('ruled');
    const spec: FunctionSpec = { source: EVENTS_SOURCE, async: { retry: { maxAttempts: 5 } } };
    const manager = await fresh('ruled', spec);
    expect(await builds(() => manager.deploy('ruled'))).toEqual([]);
    expect((await manager.deploy('ruled')).changed).toBe(false);
  });

  it('a rollback, and a version that is kept and declared again', async () => {
    const a: FunctionSpec = { source: TELLING, env: { PLACE: 'a' } };
    const b: FunctionSpec = { source: TELLING.replace(`'a'`, `'b'`) };
    const { version } = await (await fresh('back', a)).deploy('back');
    const second = await fresh('back', b);
    await second.deploy('back');
    expect(await builds(() => second.rollback('back'))).toEqual([]);
    expect((await second.invoke('back')).output).toBe('a');
    // The declaration says "b" still.
    expect(await builds(() => second.deploy('back'))).toEqual([]);
    expect((await second.invoke('back')).output).toBe('b');
    const third = await fresh('back', a);
    expect(await builds(() => third.deploy('back'))).toEqual([]);
    expect((await third.invoke('back')).output).toBe('a');
    expect((await third.describe('back'))?.liveVersion).toBe(version);
    expect((await third.plan('back', { drift: 'full' })).steps).toEqual([]);
  });

  it('while what is another version is built once', async () => {
    await (await fresh('once', { source: TELLING })).deploy('once');
    for (const spec of [
      { source: TELLING, env: { PLACE: 'x' } },
      { source: TELLING, memoryMb: 512 },
      { source: TELLING, timeoutSeconds: 90 },
      { source: TELLING, concurrency: 8 },
      { source: TELLING, maxInstances: 3 },
    ] satisfies readonly FunctionSpec[]) {
      const manager = await fresh('once', spec);
      const calls = await builds(() => manager.deploy('once'));
      expect(calls.map((call) => call.replace(/ \(.*/, ''))).toEqual([
        'functions POST functions:generateUploadUrl',
        'uploads PUT source',
        'functions PATCH functions/shop-dev-once',
      ]);
    }
  });
});

describe('a filter that changes', () => {
  it('has its new subscription before the old one goes, and no message falls between', async () => {
    const { world, projectId } = stage.fake;
    const topic = `projects/${projectId}/topics/changing`;
    const event = { type: 'topic', id: 'e', topic: 'changing', create: true } as const;
    const manager = await fresh('filtered', { source: TELLING });
    await manager.deploy('filtered');
    await manager.configureEvent('filtered', { ...event, filter: { kind: ['a', 'b'] } });
    const publish = (id: number): void =>
      void world.pubsub.publish(topic, [
        { data: Buffer.from(JSON.stringify(id)), attributes: { kind: 'b' } },
      ]);

    let sent = 0;
    const timer = setInterval(() => publish((sent += 1)), 1);
    const calls = await stage
      .during(async () => {
        publish((sent += 1));
        await manager.configureEvent('filtered', { ...event, filter: { kind: ['b', 'c'] } });
      })
      .finally(() => clearInterval(timer));
    publish((sent += 1));

    const changes = calls.filter((call) => /^pubsub (?:PUT|DELETE) subscriptions/.test(call));
    expect(changes.map((call) => call.split(' ')[1])).toEqual(['PUT', 'DELETE']);
    await stage.until('all messages have come', async () => {
      const ids = new Set((await got(manager, 'filtered')).map(Number));
      return ids.size === sent;
    });
    expect(sent).toBeGreaterThan(2);
    // What does not match any more does not come.
    world.pubsub.publish(topic, [{ data: Buffer.from('"a"'), attributes: { kind: 'a' } }]);
    world.pubsub.publish(topic, [{ data: Buffer.from('"c"'), attributes: { kind: 'c' } }]);
    await stage.until('the last has come', async () =>
      (await got(manager, 'filtered')).includes('c'),
    );
    expect(await got(manager, 'filtered')).not.toContain('a');
    expect(world.pubsub.subscriptionsOf(topic)).toHaveLength(1);
  });

  it('and a queue that is switched off keeps what is sent to it', async () => {
    const { world, projectId } = stage.fake;
    const topic = `projects/${projectId}/topics/patient`;
    const event = { type: 'queue', id: 'e', queue: 'patient', create: true } as const;
    const manager = await fresh('switched', { source: TELLING });
    await manager.deploy('switched');
    await manager.configureEvent('switched', event);
    await manager.configureEvent('switched', { ...event, enabled: false });
    world.pubsub.publish(topic, [{ data: Buffer.from('"kept"') }]);
    await stage.clock.advance(60_000);
    await stage.fake.settle();
    expect(await got(manager, 'switched')).toEqual([]);
    await manager.configureEvent('switched', event);
    await stage.until('it has come', async () => (await got(manager, 'switched')).includes('kept'));
  });
});
