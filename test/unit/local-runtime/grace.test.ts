import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Grace } from '../../../providers/local/runtime/grace.ts';

it('an instance is not given up while others come to their end, and is when none does', async () => {
  const grace = new Grace();
  const others = new Grace();
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    grace.begin(500, () => {
      isOver = true;
      resolve();
    });
  });
  const untilMs = performance.now() + 1_500;
  while (performance.now() < untilMs) {
    others.end();
    await nextTurn();
  }
  expect(isOver).toBe(false);
  await over;
});

it('an instance is given up at last, whatever others do', async () => {
  const grace = new Grace();
  const others = new Grace();
  let isOver = false;
  grace.begin(10, () => (isOver = true));
  while (!isOver) {
    others.end();
    await nextTurn();
  }
  expect(isOver).toBe(true);
});

it('one that has ended is not given up', async () => {
  const grace = new Grace();
  let isOver = false;
  grace.begin(1, () => (isOver = true));
  grace.end();
  const later = new Grace();
  await new Promise<void>((resolve) => later.begin(50, resolve));
  expect(isOver).toBe(false);
});
