/** Paths with dot segments, as a client may send them that resolves none. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GUARDED_ROUTES, PATHS, sendAsIs, tellPath } from '../http/as-sent.ts';
import { startGoogle, type Google } from './google.ts';
import { policy, start, type Running } from './instance.ts';

let google: Google;
let running: Running | undefined;

beforeEach(async () => {
  google = await startGoogle();
});

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
  await google[Symbol.asyncDispose]();
});

it('serves each path by the route of its normal form, and by that of no other', async () => {
  const bindings = GUARDED_ROUTES.map(({ id, event }) => {
    const { binding, ...rest } = policy(event, { source: '' });
    return { ...rest, binding: { ...binding, id } };
  });
  google.set({ bindings });
  running = await start(google, { http: tellPath });
  for (const [path, status, seen] of PATHS) {
    const answer = await sendAsIs(running.url, path);
    const text = seen === undefined ? {} : { text: seen };
    expect({ path, ...answer }).toMatchObject({ path, status, ...text });
  }
});
