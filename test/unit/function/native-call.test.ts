/** A Lambda handler where the platform is AWS itself. */
import { describe, expect, it } from 'vitest';
import { nativeAnswerOf } from 'polyfaas/function';
import { queue } from './batches.ts';
import { httpMeta, meta, start } from './support.ts';

const event = { raw: 'event' };
const context = { awsRequestId: 'aws-1' };
const native = { event, context };

describe('a Lambda handler on AWS', () => {
  it('gets what AWS gave, the callback too', async () => {
    const runtime = start((given: unknown, about: unknown, callback: (...end: unknown[]) => void) =>
      callback(null, { given: given === event, about: about === context }),
    );
    const call = { kind: 'invoke', event: { other: 'form' } } as const;
    expect(await runtime.call(call, meta({ native }))).toEqual({ given: true, about: true });
  });

  it('has the answer for a batch checked as anywhere', async () => {
    const runtime = start(async () => ({ batchItemFailures: [{ itemIdentifier: 'm2' }] }));
    const call = { kind: 'queue', event: queue } as const;
    expect(await runtime.call(call, meta({ native }))).toEqual({ retry: ['m2'] });
    const wrong = start(async () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] }));
    await expect(wrong.call(call, meta({ native }))).rejects.toThrow('other');
  });

  it('leaves its answer to a request with the response', async () => {
    const answer = { statusCode: 201, body: 'made' };
    const runtime = start(async () => answer);
    const request = new Request('https://shop.example/orders/7');
    const call = { kind: 'http', event: request, http: httpMeta() } as const;
    const response = await runtime.call(call, meta({ native }));
    expect(response).toMatchObject({ status: 201 });
    expect(response instanceof Response && nativeAnswerOf(response)).toEqual({ answer });
    const elsewhere = await runtime.call(call, meta());
    expect(elsewhere instanceof Response && nativeAnswerOf(elsewhere)).toBe(undefined);
  });
});
