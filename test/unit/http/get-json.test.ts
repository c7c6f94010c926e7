import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { getJson, MACHINE_CLOCK } from 'polyfaas/http';
import { ManualClock } from '../../support/manual-clock.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(listener: RequestListener): Promise<URL> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${address.port}/keys`);
}

const get = (url: URL) =>
  getJson(url, { headers: { 'x-own': '1' }, timeoutMs: 5000, clock: MACHINE_CLOCK });

it('sends the headers, and answers whatever the status is', async () => {
  const url = await serving(({ headers }, response) => {
    response.writeHead(404).end(JSON.stringify([headers.accept, headers['x-own']]));
  });
  expect(await get(url)).toEqual({ status: 404, value: ['application/json', '1'] });
});

it('answers undefined for what is no JSON', async () => {
  const url = await serving((_, response) => response.end('<html>'));
  expect(await get(url)).toEqual({ status: 200, value: undefined });
});

it('takes a megabyte, and ends the request of more', async () => {
  const text = JSON.stringify('x'.repeat(1_048_574));
  let more = '';
  const url = await serving((_, response) => response.end(text + more));
  expect(await get(url)).toEqual({ status: 200, value: JSON.parse(text) });
  more = ' ';
  await expect(get(url)).rejects.toThrow('it is larger than 1048576 bytes');
});

it('fails when the answer breaks off, and when nobody is there', async () => {
  const url = await serving((_, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('[1', () => response.destroy());
  });
  await expect(get(url)).rejects.toThrow('aborted');
  server?.close();
  await expect(get(url)).rejects.toThrow(/ECONNREFUSED/);
});

it('gives up when its time is over, also in the middle of an answer', async () => {
  const clock = new ManualClock(0);
  const begun = Promise.withResolvers<void>();
  const url = await serving((_, response) => response.write('[1', () => begun.resolve()));
  const asked = getJson(url, { timeoutMs: 5000, clock });
  await begun.promise;
  await clock.advance(4999);
  const [outcome] = await Promise.allSettled([asked, clock.advance(1)]);
  expect(outcome).toMatchObject({ reason: { message: 'no answer within 5 s' } });
});
