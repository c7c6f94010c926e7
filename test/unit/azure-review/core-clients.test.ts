import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { read, readSettings } from '../../../providers/azure/arm/calls.ts';
import { createClients, type AzureClients } from '../../../providers/azure/clients/index.ts';
import { classify } from '../../../providers/azure/errors.ts';

const { signal } = new AbortController();
const open: { server: Server; clients: AzureClients }[] = [];

afterEach(async () => {
  for (const { server, clients } of open.splice(0)) {
    clients.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function start(answer: (response: ServerResponse) => void): Promise<AzureClients> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  const clients = createClients({
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    location: 'westeurope',
    endpoint: `http://127.0.0.1:${port}`,
    logsEndpoint: undefined,
    cloud: 'public',
    credential: {
      getToken: () =>
        Promise.resolve({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
  });
  open.push({ server, clients });
  return clients;
}

function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
}

/** All that a log would show of an error. */
function shown(error: unknown): string {
  const parts: string[] = [];
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    parts.push(inner.message, inner.stack ?? '', JSON.stringify(Object.entries(inner)));
  }
  return parts.join('\n');
}

describe('an answer that was cut off', () => {
  it('tells nothing of the keys and settings that were in it', async () => {
    const clients = await start((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"properties":{"POLYFAAS_INVOKE_KEYS":"k1:c2VjcmV0c2VjcmV0","A":"hid');
    });
    const error = await failure(readSettings(clients, '/subscriptions/s/sites/x', signal));
    expect(shown(error)).not.toMatch(/c2VjcmV0|hid/);
    expect(error.message).toContain('/subscriptions/s/sites/x/config/appsettings/list');
    expect(classify(error)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });
});

describe('an answer that the SDK could not read', () => {
  for (const [statusCode, code] of [
    [200, 'UNAVAILABLE'],
    [403, 'PERMISSION_DENIED'],
    [undefined, 'UNAVAILABLE'],
  ] as const) {
    it(`is not quoted (${statusCode ?? 'no status'})`, () => {
      const message =
        'Error "Unclosed tag" occurred while parsing the response body - <Value>c2VjcmV0</Value><Key';
      const error = Object.assign(new Error(message), { code: 'PARSE_ERROR', statusCode });
      const known = classify(error);
      expect(known.code).toBe(code);
      // Without a message of its own, the error's would be told.
      expect(known.message).toBeTypeOf('string');
      expect(known.message).not.toContain('c2VjcmV0');
    });
  }
});

describe('a page that is not of Azure', () => {
  it('is no resource of a stranger', async () => {
    const clients = await start((response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><title>Sign in to the network</title></html>');
    });
    const error = await failure(read(clients, '/subscriptions/s/sites/x', '2025-05-01', signal));
    expect(classify(error)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(error.message).toContain('Sign in to the network');
  });
});

describe('requests beside Resource Manager', () => {
  it('leave this machine only encrypted', async () => {
    const clients = await start((response) => response.end());
    const headers = { authorization: 'Bearer token' };
    const call = { method: 'GET', url: 'http://192.0.2.1/x?sig=abc', headers, signal };
    const error = await failure(clients.http(call));
    expect(error.message).toMatch(/open connection: http:\/\/192\.0\.2\.1/);
    expect(error.message).not.toContain('sig=');
  });
});
