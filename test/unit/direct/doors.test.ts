import { createServer } from 'node:http';
import { once } from 'node:events';
import type { DirectKey } from 'polyfaas/http';
import {
  createDirectClient,
  DirectCallError,
  doorsTo,
  invokeBody,
  isStaleCall,
  sendThrough,
  warmThrough,
} from 'polyfaas/spi';
import { afterEach, describe, expect, it } from 'vitest';
import { callContext } from '../../support/call-context.ts';
import { KEY, serve } from './served.ts';

const NEXT: DirectKey = { id: 'k2', secret: 'another-secret-long-enough-0123456789' };
const BODY = invokeBody(1, undefined);

describe('a call through the doors of a function', () => {
  it('takes the newest key that the instance knows', async () => {
    const { client, endpoint, call, reports } = await serve((input) => input, { keys: [KEY] });
    const answer = await sendThrough(client, doorsTo(endpoint, [NEXT, KEY]), BODY, call());
    expect(answer.data).toBe(1);
    expect(reports).toHaveLength(1);
    const both = await serve((input) => input, { keys: [NEXT, KEY] });
    const doors = doorsTo(both.endpoint, [NEXT, KEY]);
    expect((await sendThrough(both.client, doors, BODY, both.call())).data).toBe(1);
  });

  it('fails where no key is known', async () => {
    const { client, endpoint, call } = await serve(() => 1, { keys: [KEY] });
    const sent = sendThrough(client, doorsTo(endpoint, [NEXT]), BODY, call());
    await expect(sent).rejects.toMatchObject({ refused: 'unknownKey' });
    expect(() => sendThrough(client, doorsTo(endpoint, []), BODY, call())).toThrow('no key');
  });

  it('is not made twice for any other reason', async () => {
    let ran = 0;
    const { client, endpoint, call } = await serve(() => (ran += 1), { keys: [KEY, NEXT] });
    const wrong = { id: KEY.id, secret: 'not-the-secret-that-it-knows-0123456789' };
    const sent = sendThrough(client, doorsTo(endpoint, [wrong, NEXT]), BODY, call());
    await expect(sent).rejects.toMatchObject({ refused: 'forged' });
    expect(ran).toBe(0);
  });
});

describe('a call that failed', () => {
  const failed = (status: number, refused?: string): DirectCallError =>
    new DirectCallError(status, refused === undefined ? {} : { 'x-polyfaas-refused': refused }, '');

  it('was of something that is known no longer, by its status or by why it was refused', () => {
    const statuses = new Set([404]);
    const judged = [
      failed(404),
      failed(500),
      failed(401, 'unknownKey'),
      failed(401, 'forged'),
      failed(409, 'otherVersion'),
      failed(404, 'expired'),
      new Error('away'),
      // Where each function has a name of its own, that of one that is gone leads nowhere.
      new Error('lost', { cause: Object.assign(new Error('dns'), { code: 'ENOTFOUND' }) }),
      Object.assign(new Error('closed'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('broken off'), { code: 'ECONNRESET' }),
    ].map((error) => isStaleCall(error, statuses));
    expect(judged).toEqual([true, false, true, true, true, false, false, true, true, false]);
  });
});

describe('warming', () => {
  const ends: (() => unknown)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** Answers each call as the next of these says: an instance's id, a status, or not at all. */
  async function fleet(
    answers: readonly (string | number | (() => void))[],
  ): Promise<Parameters<typeof warmThrough>[1]> {
    let next = 0;
    const http = createServer((request, response) => {
      const answer = answers[next] ?? 500;
      next += 1;
      request.resume().on('end', () => {
        if (typeof answer === 'function') answer();
        else if (typeof answer === 'number') response.writeHead(answer).end('{}');
        else {
          const head = { version: 'v1', instanceId: answer, coldStart: true };
          const $polyfaas = { ...head, durationMs: 75, initDurationMs: 5 };
          response.end(JSON.stringify({ $polyfaas }));
        }
      });
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    ends.push(
      () => http.closeAllConnections(),
      () => http.close(),
    );
    const address = http.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const place = { url: `http://127.0.0.1:${port}/`, headers: {}, functionId: 'shop/dev/orders' };
    return doorsTo(place, [KEY]);
  }

  it('counts the instances that answered, and leaves out what was refused', async () => {
    const client = createDirectClient();
    ends.push(() => client.close());
    const doors = await fleet(['a', 429, 'b', 'a']);
    const { distinctInstances, heads } = await warmThrough(client, doors, 4, callContext());
    expect(distinctInstances).toBe(2);
    expect(heads.map(({ instanceId }) => instanceId).toSorted()).toEqual(['a', 'a', 'b']);
  });

  it('fails when nothing was warmed', async () => {
    const client = createDirectClient();
    ends.push(() => client.close());
    const doors = await fleet([503, 503]);
    const warming = warmThrough(client, doors, 2, callContext());
    await expect(warming).rejects.toMatchObject({ status: 503 });
  });

  it('fails with the reason when it is given up, also when some have answered', async () => {
    const client = createDirectClient();
    ends.push(() => client.close());
    const controller = new AbortController();
    const giveUp = (): void => void setTimeout(() => controller.abort(new Error('enough')), 20);
    const doors = await fleet(['a', giveUp]);
    const warming = warmThrough(client, doors, 2, callContext(controller.signal));
    await expect(warming).rejects.toThrow('enough');
  });
});
