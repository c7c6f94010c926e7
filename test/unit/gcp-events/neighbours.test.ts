import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bucket, PROJECT, queue, topic } from './bindings.ts';
import { ASYNC, EventWorld } from './world.ts';

let world: EventWorld;

beforeEach(async () => {
  world = await EventWorld.start();
});

afterEach(async () => {
  await world.stop();
});

describe('a source that two functions share', () => {
  it('stays until the last of them goes', async () => {
    const first = await world.function('first');
    const second = await world.function('second');
    await first.bind([topic('t', { deadLetter: 'dead' }), bucket('o')]);
    await second.bind([topic('t', { deadLetter: 'dead' }), bucket('o')]);
    await first.remove();
    const left = world.sources().join('\n');
    for (const line of ['topic users', 'topic dead', 'subscription dead', 'bucket pictures']) {
      expect(left).toContain(line);
    }
    expect(world.warnings.join('\n')).toMatch(/"users" is kept: others use it/);
    await second.remove();
    expect(world.sources()).toEqual([]);
  });

  it('goes whole when one reads the dead letters of the other', async () => {
    const first = await world.function('first');
    const second = await world.function('second');
    await first.bind([topic('t', { deadLetter: 'dead' })]);
    await second.bind([queue('q', { queue: 'dead' })]);
    await first.remove();
    expect(world.sources().join('\n')).toContain('topic dead');
    await second.remove();
    expect(world.sources()).toEqual([]);
  });

  it('stays for one that only sends its outcomes there', async () => {
    const first = await world.function('first');
    const second = await world.function('second');
    await first.bind([topic('t')]);
    await second.bind([], { ...ASYNC, onFailure: { type: 'topic', name: 'users' } });
    await first.remove();
    expect(world.sources()).toContain('topic users');
    await second.bind([], ASYNC);
    const path = `/v1/projects/${PROJECT}/topics/users:getIamPolicy`;
    const policy = JSON.stringify(await world.call('pubsub', 'GET', path));
    expect(policy).not.toContain(second.target.serviceAccount);
  });

  it('stays when it is a bucket with something in it', async () => {
    const one = await world.function('one');
    await one.bind([bucket('o')]);
    world.fake.storage.put('pictures', 'a.png', Buffer.from('x'));
    await one.remove();
    expect(world.sources()).toEqual(['bucket pictures']);
    expect(await world.call('storage', 'GET', '/storage/v1/b/pictures')).not.toHaveProperty(
      'labels.polyfaas-app',
    );
  });
});
