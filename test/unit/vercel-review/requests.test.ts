/** Clients that go away, and what is no business of a handler's. */
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { bindHandler } from 'polyfaas/function';
import { afterEach, describe, expect, it } from 'vitest';
import { Instance } from '../../../providers/vercel/shim/instance.ts';
import { Server } from '../../../providers/vercel/shim/server.ts';
import { manifest, policy, start, type Running } from '../vercel-shim/running.ts';

let running: Running | undefined;

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

const route = policy({ type: 'http', methods: ['ANY'], path: '/orders', enabled: true });

describe('requests', () => {
  it('do not show the handler what lets calls through the protection of deployments', async () => {
    const { url } = (running = await start(manifest({ bindings: [route] }), {
      http: (request: Request) => new Response([...request.headers.keys()].join(' ')),
    }));
    const headers = { 'X-Vercel-Protection-Bypass': 'secret', 'x-vercel-id': 'fra1::a' };
    const names = (await (await fetch(`${url}/orders`, { headers })).text()).split(' ');
    expect(names).toContain('x-vercel-id');
    expect(names).not.toContain('x-vercel-protection-bypass');
  });

  it('whose client went while the code was loaded come to an end', async () => {
    const shim = new Server(
      new Instance(
        bindHandler({ default: { http: () => new Response('late') } }),
        manifest({ bindings: [route] }),
        performance.now(),
        { keys: undefined, cronSecret: undefined },
        { print: () => {}, watchdog: { watch: () => () => {} } },
      ),
    );
    const ends: Promise<void>[] = [];
    const server = createServer((request, response) => {
      request.once('close', () => setImmediate(() => ends.push(shim.serve(request, response))));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const client = httpRequest({ port, path: '/orders', method: 'POST' });
    client.on('error', () => {});
    client.write('half');
    await once(server, 'request');
    client.destroy();
    while (ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await Promise.all(ends)).toEqual([undefined]);
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
});
