import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BusPattern } from 'polyfaas/spi';
import { bindingIssues } from '../../../providers/aws/events/check.ts';
import { bus } from '../aws-events/bindings.ts';
import { EventWorld } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

describe('patterns', () => {
  it.each<readonly [string, BusPattern]>([
    ['a range from its upper end', { data: { n: [{ numeric: ['<', 10, '>=', 0] }] } }],
    ['a range', { data: { deep: { n: [{ numeric: ['>', 0, '<=', 10] }] } } }],
    ['a single comparison', { data: { n: [{ numeric: ['=', 5] }] } }],
    ['nothing but numbers', { data: { n: [{ 'anything-but': [1, 2] }] } }],
    ['fields named like operators', { data: { numeric: [1, 2, 3, 4], 'anything-but': ['b', 1] } }],
    ['everything', { data: {} }],
    ['absence', { data: { n: [{ exists: false }, null, 'a', 1, true] } }],
  ])('of %s are taken', async (_what, pattern) => {
    const wished = bus('b', { bus: 'patterns', pattern });
    expect(bindingIssues('main', wished)).toEqual([]);
    const fn = await world.function('p');
    await fn.bind([wished]);
    await fn.remove();
  });

  it.each<readonly [string, BusPattern, string]>([
    ['texts and numbers', { data: { n: [{ 'anything-but': ['a', 1] }] } }, 'n.anything-but'],
    ['two lower ends', { data: { n: [{ numeric: ['>', 0, '>', 5] }] } }, 'n.numeric'],
    ['an end and a value', { data: { n: [{ numeric: ['=', 0, '<', 5] }] } }, 'n.numeric'],
    ['a range of nothing', { data: { n: [{ numeric: ['>', 9, '<', 5] }] } }, 'n.numeric'],
  ])('of %s are refused before anything is done', (_what, pattern, field) => {
    expect(bindingIssues('main', bus('b', { pattern }))).toMatchObject([
      { path: `functions.main.events.b.pattern.data.${field}` },
    ]);
  });
});
