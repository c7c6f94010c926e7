import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClients, type AzureClients } from '../../../providers/azure/clients/index.ts';
import { operate } from '../../../providers/azure/arm/operation.ts';
import { classify } from '../../../providers/azure/errors.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const { signal } = new AbortController();

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const open: { server: Server; clients: AzureClients }[] = [];

afterEach(async () => {
  for (const { server, clients } of open.splice(0)) {
    clients.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** Clients of a server on this machine, and the tokens that they ask for. */
async function start(answer: Answer): Promise<{
  clients: AzureClients;
  endpoint: string;
  asked: string[];
  endsInMs: { value: number };
}> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts).toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const asked: string[] = [];
  const endsInMs = { value: 3_600_000 };
  const clients = createClients({
    subscriptionId: SUBSCRIPTION,
    location: 'westeurope',
    endpoint,
    logsEndpoint: undefined,
    cloud: 'public',
    credential: {
      getToken: (scope) => {
        asked.push(String(scope));
        return Promise.resolve({
          token: `token-${asked.length}`,
          expiresOnTimestamp: Date.now() + endsInMs.value,
        });
      },
    },
  });
  open.push({ server, clients });
  return { clients, endpoint, asked, endsInMs };
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

describe('calls of Resource Manager', () => {
  it('carry the version, the query, the body and a token', async () => {
    const { clients, asked } = await start((request, response, body) =>
      json(response, 200, {
        method: request.method,
        url: request.url,
        authorization: request.headers.authorization,
        agent: request.headers['user-agent'],
        sent: body === '' ? null : JSON.parse(body),
      }),
    );
    const { status, body } = await clients.arm({
      method: 'PUT',
      path: '/subscriptions/s/x',
      apiVersion: '2025-01-01',
      query: { $filter: "a eq 'b'" },
      body: { deep: { one: [1] } },
      signal,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      method: 'PUT',
      url: '/subscriptions/s/x?api-version=2025-01-01&%24filter=a+eq+%27b%27',
      authorization: 'Bearer token-1',
      agent: expect.stringMatching(/^polyfaas /),
      sent: { deep: { one: [1] } },
    });
    expect(asked).toEqual(['https://management.azure.com/.default']);
  });

  it('ask for one token for all, and for another when it is refused or ends', async () => {
    let refusals = 0;
    const { clients, asked, endsInMs } = await start((request, response) => {
      if (request.url?.includes('refused') && refusals === 0) {
        refusals += 1;
        json(response, 401, { error: { code: 'ExpiredAuthenticationToken', message: 'x' } });
      } else json(response, 200, { authorization: request.headers.authorization });
    });
    const get = (path: string) => clients.arm({ method: 'GET', path, apiVersion: '1', signal });
    await Promise.all([get('/a'), get('/b'), get('/c')]);
    expect(asked).toHaveLength(1);
    expect((await get('/refused')).body).toEqual({ authorization: 'Bearer token-2' });
    endsInMs.value = 1000;
    await clients.token('storage', signal);
    await clients.token('storage', signal);
    expect(asked.slice(2)).toEqual(
      Array.from({ length: 2 }, () => 'https://storage.azure.com/.default'),
    );
  });

  it('reject with what the service said, and are sent once only', async () => {
    let calls = 0;
    const { clients } = await start((_request, response) => {
      calls += 1;
      json(
        response,
        429,
        { error: { code: 'TooManyRequests', message: 'Slow down.' } },
        { 'retry-after': '3' },
      );
    });
    const error: unknown = await clients
      .arm({ method: 'GET', path: '/x', apiVersion: '1', signal })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 429, code: 'TooManyRequests', message: 'Slow down.' });
    expect(classify(error)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3000 });
    expect(calls).toBe(1);
  });

  it('reject when the connection breaks, and when they are aborted', async () => {
    const { clients } = await start((request, response) => {
      if (request.url?.includes('break')) request.socket.destroy();
      else if (!request.url?.includes('hang')) json(response, 200, {});
    });
    const broken: unknown = await clients
      .arm({ method: 'GET', path: '/break', apiVersion: '1', signal })
      .catch((thrown: unknown) => thrown);
    expect(classify(broken)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    const controller = new AbortController();
    const hanging = clients.arm({
      method: 'GET',
      path: '/hang',
      apiVersion: '1',
      signal: controller.signal,
    });
    setImmediate(() => controller.abort());
    await expect(hanging).rejects.toThrow(/abort/i);
  });

  it('send no token to another host', async () => {
    const { clients, asked } = await start((_request, response) => json(response, 200, {}));
    for (const path of ['https://evil.example.com/operations/1', 'http://example.com/x']) {
      await expect(clients.arm({ method: 'GET', path, signal })).rejects.toThrow(
        /Refused|insecure/i,
      );
    }
    expect(asked).toEqual([]);
  });

  it('are refused once the clients are closed', async () => {
    const { clients } = await start((_request, response) => json(response, 200, {}));
    clients.close();
    await expect(
      clients.arm({ method: 'GET', path: '/x', apiVersion: '1', signal }),
    ).rejects.toThrow(/closed/);
  });
});

describe('an operation that takes long', () => {
  it('is looked at turn by turn, and answers with the resource', async () => {
    let looks = 0;
    const { clients, endpoint } = await start((request, response) => {
      if (request.method === 'PUT') {
        json(
          response,
          201,
          {},
          { 'azure-asyncoperation': `${endpoint}/operations/1?t=1`, 'retry-after': '5' },
        );
      } else if (request.url?.startsWith('/operations')) {
        looks += 1;
        json(response, 200, { status: looks < 2 ? 'InProgress' : 'Succeeded' });
      } else json(response, 200, { made: true });
    });
    const call = {
      signal,
      clock: { now: () => 0, after: () => () => {}, sleep: () => Promise.resolve() },
      random: () => 0,
      warn: () => undefined,
      artifacts: { get: () => Promise.reject(new Error('none')) },
      log: { log: () => {} },
    };
    const request = { method: 'PUT', path: '/thing', apiVersion: '1', body: {} } as const;
    const first = await operate(clients, call, request, 'making it');
    expect(first).toMatchObject({ done: false, result: { pollAfterMs: 5000, stage: 'making it' } });
    if (first.done || first.result.resume === undefined) throw new Error('it is not under way');
    const second = await operate(clients, { ...call, resume: first.result.resume }, request, 'x');
    if (second.done || second.result.resume === undefined) throw new Error('it is over');
    expect(await operate(clients, { ...call, resume: second.result.resume }, request, 'x')).toEqual(
      { done: true, body: { made: true } },
    );
  });
});

describe('other calls', () => {
  it('never reject for a status', async () => {
    const { clients, endpoint } = await start((request, response, body) => {
      response.writeHead(503, { 'X-Mixed-Case': 'yes' });
      response.end(`${request.method} ${body}`);
    });
    expect(
      await clients.http({ method: 'POST', url: `${endpoint}/y`, body: 'sent', signal }),
    ).toMatchObject({ status: 503, text: 'POST sent', headers: { 'x-mixed-case': 'yes' } });
  });

  it('reach blobs with a token of their own', async () => {
    const seen: (string | undefined)[] = [];
    const { clients, endpoint, asked } = await start((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-length': '0', etag: '"1"' });
      response.end();
    });
    const blobs = await clients.blobs(`${endpoint}/account/`);
    await blobs
      .getContainerClient('c')
      .getBlockBlobClient('b')
      .getProperties({ abortSignal: signal });
    expect(seen).toEqual(['Bearer token-1']);
    expect(asked).toEqual(['https://storage.azure.com/.default']);
  });
});

describe('settings that are missing', () => {
  const clients = createClients({
    subscriptionId: undefined,
    location: undefined,
    endpoint: undefined,
    logsEndpoint: undefined,
    cloud: 'usgov',
    credential: undefined,
  });

  it('are named when they are needed, with the next step', () => {
    expect(() => clients.subscriptionId).toThrow(/AZURE_SUBSCRIPTION_ID/);
    expect(() => clients.location).toThrow(/AZURE_LOCATION/);
    expect(clients.scheme).toBe('https:');
    expect(clients.logsEndpoint).toBe('https://api.loganalytics.us');
  });
});
