import { ServerlessError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { VercelApiError } from '../../../providers/vercel/clients/error.ts';
import { createRest } from '../../../providers/vercel/clients/rest.ts';
import { clientsOf, failureOf, NEVER, serve } from './server.ts';

const PROJECT = { method: 'GET', path: '/v9/projects/shop-dev-orders', signal: NEVER } as const;

describe('a call over REST', () => {
  it('is signed and in the name of the team, and its JSON comes back', async () => {
    const server = await serve(() => ({ body: { id: 'prj_1' } }));
    const vercel = clientsOf(server);
    const reply = await vercel.rest({
      method: 'POST',
      path: '/v10/projects/prj_1/env',
      query: { upsert: true },
      body: [{ key: 'A' }],
      signal: NEVER,
    });
    expect(reply).toEqual({ id: 'prj_1' });
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        path: '/v10/projects/prj_1/env',
        query: 'upsert=true&teamId=team_1',
        headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
      },
    ]);
    expect(server.seen[0]?.body.toString()).toBe('[{"key":"A"}]');
  });

  it('names a team by its slug where only that is known, and none for a personal account', async () => {
    const server = await serve(() => ({ body: {} }));
    await clientsOf(server, { team: 'acme' }).rest(PROJECT);
    await clientsOf(server, { team: null }).rest(PROJECT);
    expect(server.seen.map(({ query }) => query)).toStrictEqual(['slug=acme', '']);
  });

  it('reaches the site beside the API: at an address of one’s own, by that', async () => {
    const server = await serve(() => ({ body: { rows: [] } }));
    const path = '/api/logs/request-logs';
    const request = { method: 'GET', path, isOnSite: true, signal: NEVER } as const;
    await clientsOf(server).rest(request);
    expect(server.seen).toMatchObject([{ path, query: 'teamId=team_1' }]);
    const urls: string[] = [];
    const { rest } = createRest(
      {
        send: ({ url }) => {
          urls.push(url);
          return Promise.resolve({ status: 200, headers: {}, text: '{}' });
        },
        open: () => Promise.reject(new Error('Nobody opens it.')),
        close: () => Promise.resolve(),
      },
      { apiEndpoint: 'https://api.vercel.com', team: null, token: () => 't', now: () => 0 },
    );
    await rest(request);
    await rest(PROJECT);
    expect(urls).toEqual([
      'https://vercel.com/api/logs/request-logs',
      'https://api.vercel.com/v9/projects/shop-dev-orders',
    ]);
  });

  it('sends bytes as they are, with their headers', async () => {
    const server = await serve(() => ({ body: {} }));
    const data = Uint8Array.of(0, 255, 10);
    const headers = { 'content-type': 'application/octet-stream', 'x-now-digest': 'abc' };
    const bytes = { data, headers };
    await clientsOf(server).rest({ method: 'POST', path: '/v2/files', bytes, signal: NEVER });
    expect(server.seen).toMatchObject([{ headers: { ...headers, 'content-length': '3' } }]);
    expect([...(server.seen[0]?.body ?? [])]).toStrictEqual([0, 255, 10]);
  });

  it('without a body answers an empty object', async () => {
    const vercel = clientsOf(await serve(() => ({ status: 204 })));
    expect(await vercel.rest({ ...PROJECT, method: 'DELETE' })).toEqual({});
  });

  it('is not repeated, whatever it is answered', async () => {
    for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
      const server = await serve(() => ({ status, body: { error: { code: 'x', message: 'y' } } }));
      const failure = await failureOf(clientsOf(server).rest(PROJECT));
      expect(failure).toMatchObject({ name: 'VercelApiError', status, code: 'x', message: 'y' });
      expect(server.seen).toHaveLength(1);
    }
  });

  it('tells what was called without names and ids', async () => {
    const vercel = clientsOf(await serve(() => ({ status: 500, body: '' })));
    const path = '/v1/projects/prj_1/deployments/dpl_1/runtime-logs';
    const failure = await failureOf(vercel.rest({ method: 'GET', path, signal: NEVER }));
    expect(failure).toMatchObject({
      call: 'GET /v1/projects/{id}/deployments/{id}/runtime-logs',
      message: expect.stringContaining('500'),
    });
  });

  it('tells the title of a page that stands where JSON should', async () => {
    const page = '<html><head><title>502: Bad Gateway</title></head><body>x</body></html>';
    const vercel = clientsOf(await serve(() => ({ status: 502, body: page })));
    expect(await failureOf(vercel.rest(PROJECT))).toMatchObject({
      status: 502,
      message: '502: Bad Gateway',
    });
  });

  it('refuses a success that is not JSON', async () => {
    const vercel = clientsOf(await serve(() => ({ body: '<html></html>' })));
    expect(await failureOf(vercel.rest(PROJECT))).toMatchObject({
      name: 'VercelApiError',
      status: 200,
      message: expect.stringContaining("not Vercel's"),
    });
  });

  it('rejects with the reason of its signal, and lets go of the connection', async () => {
    const server = await serve(() => ({ hangs: true }));
    const controller = new AbortController();
    const call = clientsOf(server).rest({ ...PROJECT, signal: controller.signal });
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    expect(await failureOf(call)).toBe(reason);
  });

  it("tells the socket's own error where there is no answer", async () => {
    const vercel = clientsOf(await serve(() => ({ resets: true })));
    const failure = await failureOf(vercel.rest(PROJECT));
    expect(failure).not.toBeInstanceOf(VercelApiError);
    expect(failure).toMatchObject({ code: expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/) });
  });

  it('goes nowhere without a token, and says how to get one', async () => {
    const server = await serve(() => ({ body: {} }));
    const failure = await failureOf(clientsOf(server, { token: '' }).rest(PROJECT));
    expect(failure).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('VERCEL_TOKEN'),
    });
    expect(server.seen).toHaveLength(0);
  });

  it('leaves this machine only encrypted', async () => {
    const vercel = clientsOf({ url: 'http://192.0.2.1' });
    expect(await failureOf(vercel.rest(PROJECT))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is refused once the clients are closed', async () => {
    const vercel = clientsOf(await serve(() => ({ body: {} })));
    await vercel.rest(PROJECT);
    await vercel.close();
    await vercel.close();
    const failure = await failureOf(vercel.rest(PROJECT));
    expect(ServerlessError.isInstance(failure) && failure.code).toBe('INVALID_ARGUMENT');
  });
});

describe('how long to wait', () => {
  const NOW = 1_786_400_000_000;
  const after = async (headers: Record<string, string>, limit?: object): Promise<unknown> => {
    const body = { error: { code: 'rate_limited', message: 'Too many', limit } };
    const server = await serve(() => ({ status: 429, headers, body }));
    const failure = await failureOf(clientsOf(server, {}, () => NOW).rest(PROJECT));
    return failure instanceof VercelApiError ? failure.retryAfterMs : failure;
  };

  it('is told by Retry-After first', async () => {
    expect(await after({ 'retry-after': '7' }, { reset: NOW / 1000 + 60 })).toBe(7_000);
    const date = new Date(NOW + 9_000).toUTCString();
    expect(await after({ 'retry-after': date })).toBe(9_000);
  });

  it('is told by the limit of the body, in seconds or in milliseconds', async () => {
    expect(await after({}, { remaining: 0, reset: NOW / 1000 + 30, total: 6 })).toBe(30_000);
    expect(await after({}, { reset: NOW + 1_500 })).toBe(1_500);
    expect(await after({}, { reset: NOW / 1000 + 30, resetMs: NOW + 29_400 })).toBe(29_400);
    expect(await after({}, { reset: NOW / 1000 - 5 })).toBe(0);
  });

  it('is told by the header of the limit, or not at all', async () => {
    expect(await after({ 'x-ratelimit-reset': String(NOW / 1000 + 4) })).toBe(4_000);
    expect(await after({})).toBeUndefined();
  });
});

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

describe('lines', () => {
  const REQUEST = { method: 'GET', path: '/v1/logs', signal: NEVER } as const;

  it('come as they are sent, also where characters and lines are cut', async () => {
    const server = await serve(() => ({
      stream(response) {
        const bytes = Buffer.from('{"a":"é"}\r\n\n{"b":1}\n{"c"');
        response.write(bytes.subarray(0, 7));
        setTimeout(() => response.write(bytes.subarray(7)), 10);
        setTimeout(() => response.end(':2}'), 20);
      },
    }));
    const lines = await all(clientsOf(server).lines(REQUEST));
    expect(lines).toStrictEqual(['{"a":"é"}', '{"b":1}', '{"c":2}']);
    expect(server.seen[0]?.query).toBe('teamId=team_1');
  });

  it('are ended by who reads them', async () => {
    const server = await serve(() => ({
      stream: (response) => void response.write('one\ntwo\n'),
    }));
    for await (const line of clientsOf(server).lines(REQUEST)) {
      expect(line).toBe('one');
      break;
    }
    await expect.poll(() => server.abandoned()).toBe(1);
  });

  it('are ended by their signal, with its reason', async () => {
    const server = await serve(() => ({ stream: (response) => void response.write('one\n') }));
    const controller = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      const request = { ...REQUEST, signal: controller.signal };
      for await (const line of clientsOf(server).lines(request)) {
        seen.push(line);
        controller.abort(new Error('quiet'));
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ message: 'quiet' });
    expect(seen).toStrictEqual(['one']);
  });

  it('are a refusal where Vercel refuses', async () => {
    const body = { error: { code: 'not_found', message: 'Deployment not found' } };
    const server = await serve(() => ({ status: 404, body }));
    const reading = all(clientsOf(server).lines(REQUEST));
    expect(await failureOf(reading)).toMatchObject({ status: 404, code: 'not_found' });
  });
});
