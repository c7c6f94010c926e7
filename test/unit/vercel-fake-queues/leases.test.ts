/** Leases, by hand: what the vendor's client hides. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeStage, type Stage } from './stage.ts';

let stage: Stage;
/** The receipt of each delivery. */
let receipts: string[];
let counts: string[];

beforeEach(async () => {
  stage = await makeStage();
  receipts = [];
  counts = [];
});

afterEach(() => stage.world.stop());

function listen(status: number): void {
  stage.promote({
    id: 'dpl_1',
    functions: {
      q: {
        trigger: { retryAfterSeconds: 10 },
        handler: ({ headers }) => {
          receipts.push(headers.get('ce-vqsreceipthandle') ?? '');
          counts.push(headers.get('ce-vqsdeliverycount') ?? '');
          return new Response('', { status });
        },
      },
    },
  });
}

async function lease(
  method: 'DELETE' | 'PATCH',
  receipt: string,
  options: { readonly body?: unknown; readonly token?: string; readonly consumer?: string } = {},
): Promise<number> {
  const { body, token = stage.token('a'), consumer = 'worker' } = options;
  const path = `/api/v3/topic/orders/consumer/${consumer}/lease/${receipt}`;
  const response = await fetch(`${stage.world.queues.endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

function send(): void {
  stage.world.queues.send(stage.ids.a, 'orders', Buffer.from('1'));
}

describe('a lease', () => {
  it('ends after five minutes, and the message comes again', async () => {
    listen(200);
    send();
    await stage.settle();
    await stage.clock.advance(299_000);
    await stage.settle();
    expect(counts).toEqual(['1']);
    await stage.clock.advance(1_000);
    await stage.settle();
    expect(counts).toEqual(['1', '2']);
    expect(receipts[0]).not.toBe(receipts[1]);
  });

  it('is as long as the consumer makes it', async () => {
    listen(200);
    send();
    await stage.settle();
    const [receipt = ''] = receipts;
    expect(await lease('PATCH', receipt, { body: { visibilityTimeoutSeconds: 3600 } })).toBe(200);
    await stage.clock.advance(3_599_000);
    await stage.settle();
    expect(counts).toEqual(['1']);
    expect(await lease('PATCH', receipt, { body: { visibilityTimeoutSeconds: 0 } })).toBe(200);
    await stage.settle();
    expect(counts).toEqual(['1', '2']);
  });

  it.each([[-1], [3601], [1.5], ['60'], [undefined]])(
    'of %s seconds is refused',
    async (seconds) => {
      listen(200);
      send();
      await stage.settle();
      const body = { visibilityTimeoutSeconds: seconds };
      expect(await lease('PATCH', receipts[0] ?? '', { body })).toBe(400);
    },
  );

  it('that was acknowledged is over', async () => {
    listen(200);
    send();
    await stage.settle();
    const [receipt = ''] = receipts;
    expect(await lease('DELETE', receipt)).toBe(204);
    expect(await lease('DELETE', receipt)).toBe(410);
    expect(await lease('PATCH', receipt, { body: { visibilityTimeoutSeconds: 60 } })).toBe(410);
  });

  it('of an earlier delivery, or of one that failed, holds nothing', async () => {
    listen(500);
    send();
    await stage.settle();
    const [receipt = ''] = receipts;
    expect(await lease('DELETE', receipt)).toBe(409);
    await stage.clock.advance(10_000);
    await stage.settle();
    expect(counts).toEqual(['1', '2']);
    expect(await lease('DELETE', receipt)).toBe(409);
  });

  it('that the consumer made long ends with its failure', async () => {
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { retryAfterSeconds: 10 },
          handler: async ({ headers }) => {
            counts.push(headers.get('ce-vqsdeliverycount') ?? '');
            const receipt = headers.get('ce-vqsreceipthandle') ?? '';
            await lease('PATCH', receipt, { body: { visibilityTimeoutSeconds: 3600 } });
            return new Response('', { status: 500 });
          },
        },
      },
    });
    send();
    await stage.settle();
    await stage.clock.advance(10_000);
    await stage.settle();
    expect(counts).toEqual(['1', '2']);
  });

  it('ends with the message', async () => {
    listen(200);
    send();
    await stage.settle();
    await stage.clock.advance(86_400_000);
    expect(await lease('DELETE', receipts[0] ?? '')).toBe(404);
    expect(stage.world.queues.peek(stage.ids.a, 'orders')).toEqual([]);
  });

  it('cannot be forged, nor used for another group or from another project', async () => {
    listen(200);
    send();
    await stage.settle();
    const [receipt = ''] = receipts;
    expect(await lease('DELETE', 'forged')).toBe(404);
    expect(await lease('DELETE', receipt, { consumer: 'other' })).toBe(404);
    expect(await lease('DELETE', receipt, { token: stage.token('b') })).toBe(404);
    expect(await lease('DELETE', receipt, { token: 'forged' })).toBe(401);
    expect(await lease('DELETE', receipt)).toBe(204);
  });
});

describe('paths that are none', () => {
  it.each([
    ['POST', '/api/v2/topic/orders', 404],
    ['GET', '/api/v3/topic/orders', 405],
    ['GET', '/api/v3/topic/orders/consumer/worker/lease/x', 405],
    ['POST', '/api/v3/topic/%E0%A4%A', 400],
  ])('%s %s', async (method, path, status) => {
    const response = await fetch(`${stage.world.queues.endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${stage.token('a')}` },
    });
    expect(response.status).toBe(status);
  });
});
