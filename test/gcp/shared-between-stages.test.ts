/** Sources that several stages and apps use: they stay with whoever is left, and go with the last one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const FAILING = `export default { queue() { throw new Error('No.'); } };`;

interface Scope {
  readonly app?: string;
  readonly stage: string;
}

async function deployed(
  scope: Scope,
  events: readonly EventSpec[],
  source = EVENTS_SOURCE,
): Promise<ServerlessManager> {
  const manager = await stage.manager({ ...scope, functions: { f: { source, events } } });
  await manager.deploy('f');
  return manager;
}

async function warningsOf(manager: ServerlessManager): Promise<readonly string[]> {
  const { removed, warnings } = await manager.remove('f');
  expect(removed).toBe(true);
  return warnings.map(({ message }) => message);
}

/** What is there of a name, beside functions themselves. */
function thingsOf(name: string): readonly string[] {
  const lines = stage.fake.inventory();
  return lines.filter(
    (line) => /^(?:topic|subscription|bucket) /.test(line) && line.includes(name),
  );
}

const idOf = (kind: 'topics' | 'subscriptions', name: string): string =>
  `projects/${stage.fake.projectId}/${kind}/${name}`;

const topicOf = (topic: string, create = true): EventSpec => ({
  type: 'topic',
  id: 't',
  topic,
  create,
});

describe('a dead-letter queue that two stages share', () => {
  const queueOf = (queue: string): EventSpec => ({
    type: 'queue',
    id: 'q',
    queue,
    create: true,
    deadLetter: 'orders-dead',
    retry: { maxAttempts: 1 },
  });

  it('stays, with what is in it, and still takes what the other stage sets aside', async () => {
    const { pubsub } = stage.fake.world;
    const dev = await deployed({ stage: 'dev' }, [queueOf('dev-orders')]);
    const prod = await deployed({ stage: 'prod' }, [queueOf('prod-orders')], FAILING);
    pubsub.publish(idOf('topics', 'orders-dead'), [{ data: Buffer.from('"before"') }]);

    expect(await warningsOf(dev)).toEqual([
      'The dead-letter queue "orders-dead" is kept: others use it.',
    ]);
    expect(thingsOf('dev-orders')).toEqual([]);
    pubsub.publish(idOf('topics', 'prod-orders'), [{ data: Buffer.from('"after"') }]);
    const letters = idOf('subscriptions', 'orders-dead');
    await stage.until('the message is set aside', () => pubsub.peek(letters).length === 2);

    expect(await warningsOf(prod)).toEqual([]);
    expect(thingsOf('orders')).toEqual([]);
  });
});

describe('a topic', () => {
  it('stays for a function of another app that did not ask for it to be made', async () => {
    const made = await deployed({ stage: 'prod' }, [topicOf('news')]);
    const reader = await deployed({ app: 'billing', stage: 'dev' }, [topicOf('news', false)]);
    expect(await warningsOf(made)).toEqual(['The topic "news" is kept: others use it.']);
    expect(thingsOf('topic news')).toEqual(['topic news']);
    expect(stage.fake.world.pubsub.subscriptionsOf(idOf('topics', 'news'))).toHaveLength(1);
    expect(await warningsOf(reader)).toEqual([]);

    // It is still that of the app that made it, which takes it away the next time.
    expect(await warningsOf(await deployed({ stage: 'prod' }, [topicOf('news')]))).toEqual([]);
    expect(thingsOf('news')).toEqual([]);
  });

  it('goes with the last of the stages that had it made, whichever that is', async () => {
    for (const [first, last] of [
      ['dev', 'prod'],
      ['prod', 'dev'],
    ] as const) {
      const dev = await deployed({ stage: 'dev' }, [topicOf('both')]);
      const prod = await deployed({ stage: 'prod' }, [topicOf('both')]);
      const managers = { dev, prod };
      // The one that did not make it has nothing to take away, and nothing to say.
      const said = first === 'dev' ? ['The topic "both" is kept: others use it.'] : [];
      expect(await warningsOf(managers[first])).toEqual(said);
      expect(thingsOf('topic both')).toEqual(['topic both']);
      expect(await warningsOf(managers[last])).toEqual([]);
      expect(thingsOf('both')).toEqual([]);
    }
  });

  it('stays for a subscription that somebody made by hand', async () => {
    const { world } = stage.fake;
    const manager = await deployed({ stage: 'dev' }, [topicOf('watched')]);
    const byHand = idOf('subscriptions', 'by-hand');
    const { status } = await world.call({
      api: 'pubsub',
      method: 'PUT',
      path: `/v1/${byHand}`,
      caller: world.identity.observer,
      body: { topic: idOf('topics', 'watched') },
    });
    expect(status).toBe(200);
    expect(await warningsOf(manager)).toEqual(['The topic "watched" is kept: others use it.']);
    expect(thingsOf('topic watched')).toEqual(['topic watched']);

    world.pubsub.deleteSubscription(byHand);
    expect(await warningsOf(await deployed({ stage: 'dev' }, [topicOf('watched')]))).toEqual([]);
    expect(thingsOf('watched')).toEqual([]);
  });

  it('stays when an event is dropped or removed, and other stages read it', async () => {
    const dev = await deployed({ stage: 'dev' }, [topicOf('dropped')]);
    const prod = await deployed({ stage: 'prod' }, [topicOf('dropped')]);
    await dev.removeEvent('f', 't');
    expect(thingsOf('topic dropped')).toEqual(['topic dropped']);
    await deployed({ stage: 'dev' }, [topicOf('dropped')]);
    const without = await deployed({ stage: 'dev' }, []);
    expect(thingsOf('topic dropped')).toEqual(['topic dropped']);
    expect(await warningsOf(without)).toEqual(['The topic "dropped" is kept: others use it.']);
    expect(await warningsOf(prod)).toEqual([]);
    expect(thingsOf('dropped')).toEqual([]);
  });
});

describe('a topic that is a source to one stage, and the dead-letter queue of another', () => {
  it.each(['source', 'letters'] as const)('goes whole after the %s', async (first) => {
    const name = `mixed-${first}`;
    const letters: EventSpec = {
      type: 'topic',
      id: 't',
      topic: `${name}-in`,
      create: true,
      deadLetter: name,
    };
    const managers = {
      source: await deployed({ stage: 'prod' }, [topicOf(name)]),
      letters: await deployed({ stage: 'dev' }, [letters]),
    };
    const last = first === 'source' ? 'letters' : 'source';
    expect(await warningsOf(managers[first])).toHaveLength(1);
    expect(thingsOf(name)).toContain(`topic ${name}`);
    expect(thingsOf(name)).toContain(`subscription ${name}`);
    expect(await warningsOf(managers[last])).toEqual([]);
    expect(thingsOf(name)).toEqual([]);
  });
});

describe('a bucket', () => {
  it('stays for a function of another stage, and goes with it', async () => {
    const bucket: EventSpec = { type: 'object', id: 'o', bucket: 'two-stages', create: true };
    const dev = await deployed({ stage: 'dev' }, [bucket]);
    const prod = await deployed({ stage: 'prod' }, [bucket]);
    expect(await warningsOf(dev)).toEqual(['The bucket "two-stages" is kept: others use it.']);
    expect(await warningsOf(prod)).toEqual([]);
    expect(thingsOf('two-stages')).toEqual([]);
  });
});
