import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mapOf } from '../../fakes/gcp/core/json.ts';
import {
  ACCOUNT,
  createSmallWorld,
  DEPLOYER,
  handler,
  STRANGER,
  type SmallWorld,
} from './small-world.ts';
import { deploy, grant, makePublic, patch, REVISION, said, SAYS, SERVICE, api } from './service.ts';

describe('the front of a service', () => {
  let small: SmallWorld;
  beforeEach(async () => {
    small = await createSmallWorld();
  });
  afterEach(() => small.stop());

  const bearer = async (email: string, audience: string): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await small.identity.idToken(email, audience)}`,
  });

  it('lets nobody in without a token', async () => {
    const { url } = await deploy(small, SAYS('one'));
    const answer = await fetch(`${url}/a?b=1`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(
      'Your client does not have permission to get URL <code>/a</code> from this server.',
    );
    expect(small.requests).toEqual([]);
  });

  it('lets an account in that may invoke, once the grant has spread', async () => {
    const { url } = await deploy(small, SAYS('one'));
    const headers = await bearer(ACCOUNT, url);
    expect((await fetch(url, { headers })).status).toBe(403);
    await api(small, 'POST', `/v2/${SERVICE}:setIamPolicy`, {
      policy: {
        bindings: [{ role: 'roles/run.invoker', members: [`serviceAccount:${ACCOUNT}`] }],
      },
    });
    expect((await fetch(url, { headers })).status).toBe(403);
    await small.clock.advance(10_000);
    const seen = await said(url, { headers });
    const [head, payload] = (headers['authorization'] ?? '').split('.');
    expect(seen['authorization']).toBe(`${head}.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`);
    expect((await fetch(url, { headers: await bearer(STRANGER, url) })).status).toBe(403);
  });

  it('refuses tokens that are forged, none, or for somebody else', async () => {
    const { url, revision } = await deploy(small, SAYS('one'));
    await grant(small, `serviceAccount:${ACCOUNT}`);
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision, percent: 100, tag: 'v1' }],
    });
    const { trafficStatuses } = await api(small, 'GET', `/v2/${SERVICE}`);
    const [status]: readonly unknown[] = Array.isArray(trafficStatuses) ? trafficStatuses : [];
    const tagUrl = String(mapOf(status)['uri']);
    const good = await small.identity.idToken(ACCOUNT, url);
    const wrong = [
      'Bearer nonsense',
      `Bearer ${good.slice(0, -8)}AAAAAAAA`,
      `Bearer ${await small.identity.idToken(ACCOUNT, 'https://other.test')}`,
      `Bearer ${small.identity.accessToken(DEPLOYER)}`,
    ];
    for (const authorization of wrong) {
      const answer = await fetch(url, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    // The audience is the service's own, at its tags too.
    expect(await said(tagUrl, { headers: { authorization: `Bearer ${good}` } })).toMatchObject({
      word: 'one',
    });
    const headers = await bearer(ACCOUNT, tagUrl);
    expect((await fetch(tagUrl, { headers })).status).toBe(401);
  });

  it('lets the deployer in, whose calls are counted', async () => {
    const { url } = await deploy(small, SAYS('one'));
    await said(url, { headers: await bearer(DEPLOYER.email, url) });
    expect(small.counted).toEqual(['service:orders']);
    await makePublic(small);
    await said(url);
    await said(url, { headers: await bearer(ACCOUNT, url) });
    expect(small.counted).toHaveLength(1);
  });

  it('takes X-Serverless-Authorization first, and leaves Authorization alone then', async () => {
    const { url } = await deploy(small, SAYS('one'));
    await grant(small, `serviceAccount:${ACCOUNT}`);
    const token = (await bearer(ACCOUNT, url))['authorization'] ?? '';
    const seen = await said(url, {
      headers: { 'x-serverless-authorization': token, authorization: 'Bearer my-own' },
    });
    expect(seen['authorization']).toBe('Bearer my-own');
    expect(seen['serverless']).toMatch(/\.SIGNATURE_REMOVED_BY_GOOGLE$/);
  });

  it('passes what it did not check, on a public service', async () => {
    const { url } = await deploy(small, SAYS('one'));
    await makePublic(small);
    const seen = await said(url, { headers: { authorization: 'Bearer anything.at.all' } });
    expect(seen['authorization']).toBe('Bearer anything.at.all');
  });

  it('hands on bodies, repeated headers and cookies, and answers HEAD without a body', async () => {
    const code = handler(
      "response.setHeader('Set-Cookie', ['a=1', 'b=2']).setHeader('X-Seen', request.rawHeaders.filter((each) => each.startsWith('v-')).join()).send(request.rawBody ?? Buffer.from('none'));",
    );
    const { url } = await deploy(small, code);
    await makePublic(small);
    const body = Buffer.from([0, 1, 2, 253, 254, 255]);
    const answer = await new Promise<{ cookies: unknown; seen: unknown; body: Buffer }>(
      (resolve, reject) => {
        const outgoing = httpRequest(url, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream', 'x-two': ['v-1', 'v-2'] },
        });
        outgoing.on('error', reject);
        outgoing.on('response', (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve({
              cookies: incoming.headers['set-cookie'],
              seen: incoming.headers['x-seen'],
              body: Buffer.concat(chunks),
            }),
          );
        });
        outgoing.end(body);
      },
    );
    expect(answer).toEqual({ cookies: ['a=1', 'b=2'], seen: 'v-1,v-2', body });
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await head.text()).toBe('');
  });

  it('takes requests and answers of 32 MB at most', async () => {
    const code = handler(
      "response.send(Buffer.alloc(request.path === '/large' ? 32 * 1024 * 1024 + 1 : 1));",
    );
    const { url } = await deploy(small, code, { setup: { memoryMb: 1024 } });
    await makePublic(small);
    const much = await fetch(url, { method: 'POST', body: Buffer.alloc(32 * 1024 * 1024 + 1) });
    expect(much.status).toBe(413);
    const large = await fetch(`${url}/large`);
    expect(large.status).toBe(500);
    expect(await large.text()).toMatch(/500 Server Error/);
    expect(small.requests.map((entry) => entry.said)).toEqual([
      expect.stringMatching(/^Response size was too large/),
    ]);
  });

  it('keeps callers from outside away where only internal ones may come', async () => {
    const { url } = await deploy(small, SAYS('one'), { ingress: 'ALLOW_INTERNAL_ONLY' });
    await makePublic(small);
    expect((await fetch(url)).status).toBe(404);
    const delivered = await small.run.deliver(`${url}/polyfaas/events/x?policy=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{}'),
    });
    expect(delivered).toMatchObject({ status: 200, fate: 'answered' });
    expect(delivered?.body.toString()).toContain('/polyfaas/events/x?policy=1');
    await patch(small, 'ingress', { ingress: 'INGRESS_TRAFFIC_ALL' });
    expect((await fetch(url)).status).toBe(200);
  });

  it('checks deliveries of Google’s services like all others', async () => {
    const { url } = await deploy(small, SAYS('one'));
    await grant(small, `serviceAccount:${ACCOUNT}`);
    const send = async (email: string): Promise<number | undefined> => {
      const reply = await small.run.deliver(url, {
        method: 'POST',
        headers: await bearer(email, url),
        body: Buffer.alloc(0),
      });
      return reply?.status;
    };
    expect(await send(ACCOUNT)).toBe(200);
    expect(await send(STRANGER)).toBe(403);
    const nowhere = await small.run.deliver('http://127.0.0.1:1/', {
      method: 'POST',
      headers: {},
      body: Buffer.alloc(0),
    });
    expect(nowhere).toBeUndefined();
    expect(small.run.busy()).toBe(false);
  });

  it('splits traffic', async () => {
    const one = await deploy(small, SAYS('one'));
    await makePublic(small);
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: one.revision, percent: 100 }],
    });
    const two = await deploy(small, SAYS('two'));
    await patch(small, 'traffic', {
      traffic: [one, two].map(({ revision }) => ({ type: REVISION, revision, percent: 50 })),
    });
    const words = new Set<unknown>();
    for (let at = 0; at < 60; at += 1) words.add((await said(one.url))['word']);
    expect(words).toEqual(new Set(['one', 'two']));
  });
});
