/** Lines that must neither be lost nor change their order. */
import { describe, expect, it } from 'vitest';
import { messages, NOW, own, Platform } from '../vercel-logs/platform.ts';

/** What a function of ours and its code print in turn. */
const TEXTS = Array.from({ length: 12 }, (_none, index) => `line ${index}`);
const PRINTED = TEXTS.map((message, index) =>
  index % 2 === 0 ? message : own(message, { seq: index + 1 }),
);

describe('logs', () => {
  it('keep the lines of one request in the order in which they were printed', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 1, texts: PRINTED });
    expect(messages(await platform.read())).toEqual(TEXTS);
  });

  it('keep those of one print in their order, also live', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 2, texts: [PRINTED.slice(0, 6).join('\n')] });
    const seen = await platform.follow(20_000, (message) => {
      if (message === TEXTS[5]) platform.live(PRINTED.slice(6).join('\n'));
    });
    expect(seen).toEqual(TEXTS);
  });

  it('of one moment keep the order in which the instance wrote them', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 1, texts: [own('b', { seq: 2 })] });
    platform.past({ timeMs: NOW - 1, texts: [own('a', { seq: 1 })] });
    expect(messages(await platform.read())).toEqual(['a', 'b']);
  });
});
