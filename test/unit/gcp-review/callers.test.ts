/** Deliveries that are forged, and Google's keys when they cannot be had. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGoogle, type Google } from '../gcp-shim/google.ts';
import { policy, start, type Running } from '../gcp-shim/instance.ts';
import { raw, statusIn } from './raw.ts';

let google: Google;
let running: Running;
let calls = 0;

beforeEach(async () => {
  google = await startGoogle();
  calls = 0;
});

afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

async function serve(isPublic: boolean): Promise<void> {
  google.set({ bindings: [policy()], isPublic });
  running = await start(google, { queue: () => void ++calls });
}

const BODY = JSON.stringify({ message: { messageId: 'm', data: '' }, deliveryAttempt: 1 });

async function deliver(headers: readonly string[]): Promise<number> {
  const lines = [
    'POST /polyfaas/events/b1 HTTP/1.1',
    'host: a',
    `content-length: ${BODY.length}`,
    ...headers,
  ];
  return statusIn(await raw(running.url, `${lines.join('\r\n')}\r\n\r\n${BODY}`));
}

async function checked(claims = {}): Promise<string> {
  const [head = '', payload = ''] = (await google.idToken(claims)).split('.');
  return `${head}.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`;
}

describe('a signature that was taken away', () => {
  it('proves nothing beside the header that Cloud Run looked at instead', async () => {
    await serve(false);
    const own = await checked({ email: 'anybody@p.iam.gserviceaccount.com' });
    const forged = await checked();
    expect(
      await deliver([
        `X-Serverless-Authorization: Bearer ${own}`,
        `authorization: Bearer ${forged}`,
      ]),
    ).toBe(401);
    expect(await deliver([`authorization: Bearer ${forged}`, `authorization: Bearer ${own}`])).toBe(
      401,
    );
    expect(calls).toBe(0);
    expect(await deliver([`authorization: Bearer ${forged}`])).toBe(200);
  });

  it('does not save a token that has no end, or whose end is no time', async () => {
    await serve(false);
    for (const exp of [undefined, 'later', null, 1]) {
      const payload = Buffer.from(
        JSON.stringify({
          iss: 'https://accounts.google.com',
          email: 'main@p.iam.gserviceaccount.com',
          email_verified: true,
          aud: 'https://main.run.app',
          exp,
        }),
      ).toString('base64url');
      const token = `e30.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`;
      expect([exp, await deliver([`authorization: Bearer ${token}`])]).toEqual([exp, 401]);
    }
    expect(await deliver(['authorization: Bearer null.bnVsbA.SIGNATURE_REMOVED_BY_GOOGLE'])).toBe(
      401,
    );
  });

  it('is no signature on a public service, and neither is none', async () => {
    await serve(true);
    const [, payload = ''] = (await google.idToken()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await deliver([`authorization: Bearer ${none}.${payload}.`])).toBe(401);
    expect(await deliver([`authorization: Bearer ${none}.${payload}`])).toBe(401);
    expect(await deliver([`authorization: Bearer ${await checked()}`])).toBe(401);
    expect(calls).toBe(0);
  });
});

describe("Google's keys", () => {
  it('that cannot be had make a delivery come again, and are told in the log', async () => {
    google.status = (path) => (path === '/certs' ? 503 : 200);
    await serve(true);
    const { push, lines } = running;
    expect((await push('/polyfaas/events/b1', {})).status).toBe(503);
    expect(lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("The keys of Google's tokens cannot be fetched"),
    );
    google.status = () => 200;
    expect((await push('/polyfaas/events/b1', {})).status).toBe(200);
  });
});
