/** Settings that are missing, corrupt, late or out of order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Settings } from '../../../providers/gcp/shim/settings.ts';
import { startGoogle, type Google } from '../gcp-shim/google.ts';
import { policy, start } from '../gcp-shim/instance.ts';

let google: Google;
const failures: unknown[] = [];

beforeEach(async () => {
  google = await startGoogle();
  failures.length = 0;
});

afterEach(async () => {
  await google[Symbol.asyncDispose]();
});

const settingsOf = (text: string | undefined): Settings =>
  new Settings(google.manifest, text, (thrown) => void failures.push(thrown));

/** Moves the clock of this process on, as for an instance that stood still. */
async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + ms;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

describe('settings', () => {
  it('that are corrupt are read anew, and their text, which holds keys, is in no log', async () => {
    const settings = settingsOf('{"keys":"k1:topsecret');
    expect((await settings.fresh()).keys).toContain('topsecret-topsecret');
    expect(JSON.stringify(failures.map(String))).not.toContain('topsecret');
    expect(failures).toHaveLength(1);
  });

  it('that were never there are an outage, and no missing route', async () => {
    google.status = (path) => (path.endsWith(':access') ? 503 : 200);
    const text = google.text;
    Object.assign(google, { text: () => '' });
    await using running = await start(google, { http: () => new Response('x') });
    expect((await fetch(`${running.url}/orders`)).status).toBe(503);
    expect((await running.push('/polyfaas/events/b1', {})).status).toBe(503);
    Object.assign(google, { text });
  });

  it('that are asked for while a reading stands still are those after it', async () => {
    const settings = settingsOf(google.text());
    let letGo = (): void => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    google.hold = (path) => (path.endsWith(':access') ? gate : undefined);
    // An answer goes out while the reading begins, and the instance is held still.
    await later(20_000, () => settings.fresh());
    google.set({ caller: 'before@p' });
    await sleep(100);
    google.hold = () => undefined;
    const reading = later(3_600_000, async () => {
      google.set({ caller: 'after@p' });
      const asked = settings.fresh();
      letGo();
      return (await asked).caller;
    });
    expect(await reading).toBe('after@p');
  });

  it('are not as old as before because reading them failed', async () => {
    const settings = settingsOf(google.text());
    google.status = () => 503;
    await later(100_000, () => settings.fresh());
    google.status = () => 200;
    google.set({ caller: 'new@p' });
    expect((await later(111_000, () => settings.fresh())).caller).toBe('new@p');
  });

  it('do not go back to an older version', async () => {
    const settings = settingsOf(google.text());
    google.set({ caller: 'v2@p' });
    google.version = 2;
    expect((await settings.readNow()).caller).toBe('v2@p');
    google.set({ caller: 'v1@p' });
    google.version = 1;
    expect((await settings.readNow()).caller).toBe('v2@p');
  });

  it('of a clock that was set back are read again', async () => {
    const settings = await later(3_600_000, async () => settingsOf(google.text()));
    google.set({ caller: 'new@p' });
    expect((await settings.fresh()).caller).toBe('new@p');
  });
});

describe('a delivery', () => {
  it('of a binding that the settings do not tell yet is not lost', async () => {
    await using running = await start(google, { queue: () => {} });
    expect((await running.push('/polyfaas/events/b1?policy=d1', {})).status).toBe(500);
    google.set({ bindings: [policy()] });
    await sleep(1_050);
    expect((await running.push('/polyfaas/events/b1?policy=d1', {})).status).toBe(200);
  });

  it('of a form that is no more does not make us read each time', async () => {
    google.set({ bindings: [policy()] });
    await using running = await start(google, { queue: () => {} });
    for (let count = 0; count < 10; count += 1) {
      expect((await running.push('/polyfaas/events/b1?policy=gone', {})).status).toBe(200);
    }
    expect(google.reads()).toBeLessThan(10);
  });
});
