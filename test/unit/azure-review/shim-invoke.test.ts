/** Calls while things change behind them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { bindHandler } from 'polyfaas/function';
import { createDirectServer, parseDirectKeys } from 'polyfaas/http';
import { describe, expect, it } from 'vitest';
import { createInvoker } from '../../../providers/azure/invoke/index.ts';
import { REF, startAzure, type Handle } from './shim-azure.ts';

const IDENTITY = {
  app: 'shop',
  stage: 'dev',
  functionName: 'orders',
  version: 'v1',
  memoryMb: 512,
  timeoutSeconds: 5,
  provider: 'azure',
  region: 'westeurope',
};

const request = { input: 1, requestId: 'r1', idempotent: false, trace: undefined } as const;

describe('a call', () => {
  it('reaches an instance that has not heard of the new key yet', async () => {
    const runtime = bindHandler({ default: { invoke: () => 'done' } }).start(IDENTITY, {
      write: () => {},
    });
    const server = createDirectServer({
      keys: () => parseDirectKeys('k1:0123456789abcdef'),
      identity: IDENTITY,
      runtime: () => runtime,
      isFresh: () => false,
      initDurationMs: () => null,
      report: () => {},
    });
    await using azure = await startAzure();
    azure.settings['POLYFAAS_INVOKE_KEYS'] = 'k2:fedcba9876543210,k1:0123456789abcdef';
    await using host = await startHost(server);
    const observed = { ...azure.observed, site: { ...azure.observed.site, hostName: host.name } };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the host is another
    const seen = observed as typeof azure.observed;
    const invoker = createInvoker({ azure: azure.azure, observe: () => Promise.resolve(seen) });
    const result = await invoker.invoke(REF, { ...request, mode: 'sync' }, azure.call);
    expect(result.output).toBe('done');
    await invoker.close();
  });

  it('finds the queue of a function that was made anew', async () => {
    const paths: string[] = [];
    const handle: Handle = ({ path }) => {
      if (!path.includes('/messages')) return undefined;
      paths.push(path.split('?')[0] ?? '');
      return path.startsWith('/old')
        ? { status: 404, body: '<Error><Code>QueueNotFound</Code></Error>' }
        : { status: 201, body: '' };
    };
    await using azure = await startAzure(handle);
    const invoker = createInvoker({
      azure: azure.azure,
      observe: () => Promise.resolve(azure.observed),
    });
    const good = azure.settings['AzureWebJobsStorage__queueServiceUri'] ?? '';
    azure.settings['AzureWebJobsStorage__queueServiceUri'] = good.replace('/queues', '/old');
    await invoker.known(REF, azure.call);
    azure.settings['AzureWebJobsStorage__queueServiceUri'] = good;
    await invoker.invoke(REF, { ...request, mode: 'async' }, azure.call);
    expect(paths).toEqual(['/old/polyfaas-async/messages', '/queues/polyfaas-async/messages']);
  });

  it('that warms ends with its signal, though some instances have answered', async () => {
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    let asked = 0;
    await using host = await startHost({
      async serve() {
        asked += 1;
        if (asked > 1) {
          // The others hang until the caller is gone.
          stop.abort(new Error('enough'));
          await new Promise<void>((resolve) => void waiting.push(resolve));
        }
        const answer = { $polyfaas: { version: 'v1', instanceId: `i${asked}` }, output: null };
        return { status: 200, headers: {}, body: JSON.stringify(answer) };
      },
    });
    await using azure = await startAzure();
    const observed = { ...azure.observed, site: { ...azure.observed.site, hostName: host.name } };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the host is another
    const seen = observed as typeof azure.observed;
    const invoker = createInvoker({ azure: azure.azure, observe: () => Promise.resolve(seen) });
    const warming = invoker.warm(REF, 3, { ...azure.call, signal: stop.signal });
    await expect(warming).rejects.toThrow('enough');
    for (const resolve of waiting) resolve();
    await invoker.close();
  });

  it('says what is missing when the function app tells of no queue', async () => {
    await using azure = await startAzure();
    delete azure.settings['AzureWebJobsStorage__queueServiceUri'];
    const invoker = createInvoker({
      azure: azure.azure,
      observe: () => Promise.resolve(azure.observed),
    });
    const invoking = invoker.invoke(REF, { ...request, mode: 'async' }, azure.call);
    await expect(invoking).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(invoking).rejects.toThrow('AzureWebJobsStorage__queueServiceUri');
  });
});

async function startHost(server: Pick<ReturnType<typeof createDirectServer>, 'serve'>) {
  const http = createServer((incoming, response) => {
    void buffer(incoming).then(async (body) => {
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const { method = '', url = '' } = incoming;
      const reply = await server.serve({ method, url, headers, body });
      response.writeHead(reply.status, { ...reply.headers }).end(reply.body);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  return {
    name: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    async [Symbol.asyncDispose](): Promise<void> {
      http.closeAllConnections();
      await new Promise((resolve) => void http.close(resolve));
    },
  };
}
