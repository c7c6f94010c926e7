/** What a removal asks for: nothing that only deploys compare, and each list once, however much there is to be deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const topics = (name: string, count: number): readonly EventSpec[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'topic',
    id: `t${index}`,
    topic: `${name}-${index}`,
    create: true,
  }));
const linesOf = (name: string): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes(name));

describe('a removal', () => {
  it('reads the other functions once, however many sources go', async () => {
    const functions = { many: { source: EVENTS_SOURCE, events: topics('many', 8) } };
    const manager = await stage.manager({ functions });
    await manager.deploy('many');
    const calls = await stage.during(() => manager.remove('many'));
    expect(linesOf('many')).toEqual([]);
    // Once for those of the same name, which would share its service account.
    expect(calls.filter((call) => call === 'secretmanager GET secrets')).toHaveLength(2);
    const claim = calls.findIndex((call) => call.includes('PATCH'));
    expect(calls.slice(0, claim)).toHaveLength(4);
  });
});
