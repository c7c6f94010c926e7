import { describe, expect, it } from 'vitest';
import { NOW, own, Platform } from './platform.ts';

/** Beyond the second reading of the history. */
const A_WHILE = 25_000;

describe('logs that are followed', () => {
  it('show what was printed, and then what is printed, each once', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 2, texts: [own('a', { seq: 1 }), 'plain'] });
    const seen = await platform.follow(A_WHILE, (message) => {
      if (message === 'plain') platform.print(own('b', { seq: 2 }));
      if (message === 'b') platform.print('c');
    });
    expect(seen).toEqual(['a', 'plain', 'b', 'c']);
    expect([platform.open, platform.opened]).toEqual([0, 2]);
  });

  it('listen before the history is read: what is printed meanwhile is not lost', async () => {
    const platform = new Platform();
    platform.onPage = () => {
      platform.onPage = () => {};
      platform.print('meanwhile');
    };
    expect(await platform.follow(A_WHILE)).toEqual(['meanwhile']);
  });

  it('show what was printed right before, and reached the log of requests later', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 500, texts: ['late'], shownAtMs: NOW + 4_000 });
    platform.past({ timeMs: NOW - 1_000, texts: ['at once'] });
    expect(await platform.follow(A_WHILE)).toEqual(['at once', 'late']);
  });

  it('show each of several lines of the same words', async () => {
    const platform = new Platform();
    platform.past(
      { timeMs: NOW - 20_000, texts: ['tick'] },
      { timeMs: NOW - 10_000, texts: ['tick'] },
    );
    let left = 4;
    const seen = await platform.follow(45_000, () => {
      left -= 1;
      if (left === 2) for (const lagMs of [3_000, 4_000]) platform.print('tick', lagMs);
      if (left === 0) platform.clock.after(15_000, () => platform.print('tick'));
    });
    expect(seen).toEqual(['tick', 'tick', 'tick', 'tick', 'tick']);
  });

  it('go on for each deployment when its stream ends, with what was printed in between', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 1, texts: ['first'] });
    const seen = await platform.follow(45_000, (message) => {
      if (message === 'first') {
        platform.clock.after(14_000, () => {
          platform.end('dpl_1');
          platform.past({ timeMs: NOW + 14_500, texts: ['between'], shownAtMs: NOW + 18_000 });
        });
        platform.clock.after(12_000, () => platform.print('before'));
      }
      if (message === 'between') platform.print('after');
    });
    expect(seen).toEqual(['first', 'before', 'between', 'after']);
    expect([platform.open, platform.opened]).toEqual([0, 3]);
  });

  it('go on behind a cursor', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 3, texts: ['a', 'b'] });
    const [first] = await platform.read({ limit: 1 });
    expect(await platform.follow(A_WHILE, () => {}, { cursor: first?.cursor })).toEqual(['b']);
  });

  it('end at a limit, and leave no stream open', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 3, texts: ['a', 'b'] });
    expect(await platform.follow(A_WHILE, () => {}, { limit: 1 })).toEqual(['a']);
    expect(platform.open).toBe(0);
  });
});
