/** Paths with dot segments, as a client may send them that resolves none. */
import { afterEach, expect, it } from 'vitest';
import { GUARDED_ROUTES, PATHS, sendAsIs, tellPath } from '../http/as-sent.ts';
import { manifest, policy, start, type Running } from './running.ts';

let running: Running | undefined;

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

it('serves each path by the route of its normal form, and by that of no other', async () => {
  const bindings = GUARDED_ROUTES.map(({ id, event }) => {
    const { binding, ...rest } = policy(event);
    return { ...rest, binding: { ...binding, id } };
  });
  running = await start(manifest({ handles: ['http'], bindings }), { http: tellPath });
  for (const [path, status, seen] of PATHS) {
    const answer = await sendAsIs(running.url, path);
    const text = seen === undefined ? {} : { text: seen };
    expect({ path, ...answer }).toMatchObject({ path, status, ...text });
  }
});
