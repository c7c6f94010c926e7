import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from 'polyfaas/contract';
import type { PlaneRequest } from '../../fakes/azure/core/service.ts';
import { IS_WRITE } from '../../fakes/azure/core/writes.ts';
import { GROUP, raw, refusal, useSubject } from './support.ts';

const subject = useSubject();
const V = 'api-version=2025-04-01';
const PATH = `${GROUP}?${V}`;
const LOCATION = { location: 'westeurope' };
const BROKEN = /socket hang up|ECONNRESET/;
const TOKEN = 'https://management.azure.com';

describe('a plane', () => {
  it('answers on a port of its own until it is closed', async () => {
    const { servers, identity } = subject();
    const seen: PlaneRequest[] = [];
    const url = await servers.open({
      name: 'site:orders',
      audience: TOKEN,
      handle: (request) => {
        seen.push(request);
        return Promise.resolve({
          status: 201,
          headers: { 'x-kind': 'test' },
          setCookies: ['a=1; Path=/', 'b=2; Path=/'],
          body: { ok: true },
        });
      },
    });
    const token = identity.issue(identity.observer, TOKEN);
    const reply = await fetch(`${url}/a%20b?c=d`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'X-Other': 'y' },
      body: 'text',
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await reply.json()).toEqual({ ok: true });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/a%20b?c=d',
        headers: { 'x-other': 'y' },
        caller: identity.observer,
      },
    ]);
    expect(seen[0]?.body.toString()).toBe('text');
    const head = await fetch(url, { method: 'HEAD' });
    expect(await head.text()).toBe('');
    expect(seen[1]?.caller).toBeUndefined();
    await servers.close('site:orders');
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('tells loudly when the fake itself fails', async () => {
    const url = await subject().servers.open({
      name: 'queue',
      audience: undefined,
      handle: () => Promise.reject(new Error('a <bug>')),
    });
    const reply = await fetch(url);
    expect(reply.status).toBe(500);
    expect(await reply.text()).toContain('The fake failed: Error: a &lt;bug&gt;');
  });
});

describe('faults', () => {
  const put = (): ReturnType<typeof raw> => subject().call('PUT', PATH, LOCATION);

  it('hit the call that was chosen, once', async () => {
    const { faults, arm, call } = subject();
    for (const kind of FAULT_KINDS.filter((one) => one !== 'hang')) {
      const path = `${GROUP}-${kind}?${V}`;
      faults.arm({ call: 1, kind });
      await call('GET', path);
      const outcome = await call('PUT', path, LOCATION).then(refusal, (error: unknown) => error);
      faults.disarm();
      if (kind === '429') expect(outcome).toEqual([429, 'TooManyRequests']);
      else if (kind === '500') expect(outcome).toEqual([500, 'InternalServerError']);
      else expect(outcome).toBeInstanceOf(Error);
      const acted = kind === 'lost-reply';
      expect(arm.groups.get(`shop-${kind}`) !== undefined).toBe(acted);
      expect((await call('PUT', path, LOCATION)).status).toBe(acted ? 200 : 201);
    }
  });

  it('say when to come back', async () => {
    subject().faults.arm({ call: 0, kind: '429' });
    expect((await put()).headers['retry-after']).toBe('2');
  });

  it('may be silence', async () => {
    const { faults, sdk } = subject();
    faults.arm({ call: 0, kind: 'hang' });
    const abortSignal = AbortSignal.timeout(50);
    const silent = Promise.resolve(sdk().pathUnchecked(PATH).get({ abortSignal }));
    await expect(silent).rejects.toThrow('aborted');
    expect((await put()).status).toBe(201);
  });

  it('may be the end of the process, until another one begins', async () => {
    const { faults } = subject();
    faults.arm({ call: 0, kind: 'crash' });
    await expect(put()).rejects.toThrow(BROKEN);
    await expect(put()).rejects.toThrow(BROKEN);
    faults.disarm();
    expect((await put()).status).toBe(201);
  });

  it('leave everybody else alone', async () => {
    const { faults, identity, sdk, told } = subject();
    faults.arm({ call: 0, kind: '500' });
    const observer = sdk(identity.credentialOf(identity.observer));
    expect((await raw(observer, 'PUT', PATH, LOCATION)).status).toBe(201);
    expect(faults.writes).toBe(0);
    expect(told).toEqual([]);
    expect((await put()).status).toBe(500);
  });

  it('have each service its own form', async () => {
    const { servers, identity, faults } = subject();
    const answer = async (name: string): Promise<readonly [number, string]> => {
      const url = await servers.open({
        name,
        audience: TOKEN,
        handle: () => Promise.resolve({ status: 200 }),
      });
      faults.arm({ call: 0, kind: '429' });
      const token = identity.issue(identity.deployer, TOKEN);
      const reply = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return [reply.status, await reply.text()];
    };
    expect(await answer('blob')).toEqual([503, expect.stringContaining('<Code>ServerBusy</Code>')]);
    expect(await answer('serviceBus')).toEqual([429, expect.stringContaining('<Error>')]);
    expect(await answer('logs')).toEqual([429, expect.stringContaining('ThrottledError')]);
    expect(await answer('site:orders')).toEqual([429, 'Too Many Requests']);
  });
});

describe('calls of the deployer', () => {
  it('are counted and recorded', async () => {
    const { faults, told, call } = subject();
    const count = await faults.count(async () => {
      await call('GET', PATH);
      await call('PUT', PATH, LOCATION);
      await call('PUT', `${PATH}x`, {});
    });
    expect(count).toBe(3);
    expect(faults.writes).toBe(1);
    expect(told).toEqual([`arm GET ${PATH} 404`, `arm PUT ${PATH} 201`, `arm PUT ${PATH}x 400`]);
  });

  it('may be known by something other than a token', async () => {
    const { servers, faults } = subject();
    const url = await servers.open({
      name: 'site:orders',
      audience: undefined,
      handle: () => Promise.resolve({ status: 200 }),
      isDeployers: ({ headers }) => headers['x-functions-key'] === 'key',
      isWrite: () => false,
    });
    const post = (key: string): Promise<unknown> =>
      fetch(url, { method: 'POST', headers: { 'x-functions-key': key } });
    expect(await faults.count(() => post('other'))).toBe(0);
    expect(await faults.count(() => post('key'))).toBe(1);
    expect(faults.writes).toBe(0);
  });

  it('are writes when they change what is deployed', () => {
    const is = (plane: string, method: string, url: string): boolean | undefined =>
      IS_WRITE[plane]?.({ method, url, headers: {}, body: Buffer.alloc(0), caller: undefined });
    expect(is('arm', 'POST', '/x/listKeys?api-version=1')).toBe(false);
    expect(is('arm', 'POST', '/x/config/appsettings/list?api-version=1')).toBe(false);
    expect(is('arm', 'POST', '/x/syncfunctiontriggers')).toBe(true);
    expect(is('arm', 'PATCH', '/x')).toBe(true);
    expect(is('blob', 'POST', '/acc?restype=service&comp=userdelegationkey')).toBe(false);
    expect(is('blob', 'PUT', '/acc/c/name?comp=block')).toBe(true);
    expect(is('queue', 'POST', '/acc/orders/messages?visibilitytimeout=3')).toBe(false);
    expect(is('queue', 'PUT', '/acc/orders')).toBe(true);
    expect(is('eventGrid', 'POST', '/topic/api/events')).toBe(false);
  });
});
