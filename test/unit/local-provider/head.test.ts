import { expect, it } from 'vitest';
import { newShop } from './shop.ts';

it.each([
  ['JSON', "Response.json({ a: 'x'.repeat(100) })", '108'],
  ['a stream', 'new Response(new ReadableStream({ start() {} }))', null],
])('HEAD of %s has the length that GET has', async (_what, made, length) => {
  const shop = newShop();
  const source = `export default { http: () => ${made} };`;
  const events = [{ type: 'http', method: 'GET', path: '/' }] as const;
  const manager = await shop.open({ hello: { source, events } });
  const { url } = await manager.deploy('hello');
  for (const method of ['HEAD', 'GET', 'HEAD']) {
    const response = await fetch(`${url}/`, { method });
    await response.body?.cancel();
    expect([method, response.headers.get('content-length')]).toEqual([method, length]);
  }
});
