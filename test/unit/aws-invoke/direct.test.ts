/** Calls that only Lambda has, from the manager to the code and back. */
import { createServerlessManager, type FunctionSpec, type ServerlessManager } from 'polyfaas';
import { AWS, type AwsCalls } from 'polyfaas/aws';
import { afterEach, describe, expect, it } from 'vitest';
import { createAwsFake, type AwsFake } from '../../fakes/aws/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/stream:1';
const STREAMING = `
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('first;');
  if (event.fail) throw new RangeError('broken on the way');
  stream.write('last');
  stream.end();
});`;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function deployed(
  spec: FunctionSpec,
): Promise<{ manager: ServerlessManager; calls: AwsCalls; fake: AwsFake }> {
  const clock = new ManualClock(Date.now());
  const fake = await createAwsFake({ clock });
  ends.push(() => fake.stop());
  fake.world.lambdaService.images.set(IMAGE, {
    files: { 'index.mjs': STREAMING },
    handler: 'index.handler',
  });
  const manager = await createServerlessManager(
    {
      app: 'shop',
      stage: 'test',
      provider: 'aws',
      region: 'eu-central-1',
      functions: { orders: spec },
      providerOptions: { aws: { endpoint: fake.endpoint, credentials: fake.credentials } },
    },
    { clock: new WaitingClock(clock) },
  );
  ends.push(() => manager.close());
  await manager.deploy('orders');
  const calls = manager.native(AWS.calls);
  if (!calls) throw new Error('the provider has calls of its own');
  return { manager, calls, fake };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

const COUNTING = 'let n = 0; export default { invoke: (input) => ({ input, calls: (n += 1) }) };';

describe('a dry run', () => {
  it('runs nothing', async () => {
    const { manager, calls } = await deployed({ source: COUNTING });
    await calls.dryRun('orders');
    expect((await manager.invoke('orders', 7)).output).toEqual({ input: 7, calls: 1 });
  });

  it('tells what a call would be refused with', async () => {
    const { calls } = await deployed({ source: COUNTING });
    await expect(calls.dryRun('absent')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(calls.dryRun('orders', { version: '99' })).rejects.toMatchObject({
      name: 'ServerlessError',
      code: 'NOT_FOUND',
    });
  });
});

describe('a streamed answer', () => {
  it('is the JSON of a function that does not stream', async () => {
    const { calls } = await deployed({ source: COUNTING });
    expect(JSON.parse(await textOf(calls.stream('orders', { id: 7 })))).toEqual({
      input: { id: 7 },
      calls: 1,
    });
  });

  it('comes as it is written by one that does', async () => {
    const { calls } = await deployed({ image: IMAGE });
    expect(await textOf(calls.stream('orders', {}))).toBe('first;last');
  });

  it('fails with what the function failed with', async () => {
    const { calls } = await deployed({
      source: 'export default { invoke: () => { throw new TypeError("no such order"); } };',
    });
    await expect(textOf(calls.stream('orders'))).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      function: 'orders',
      message: expect.stringContaining('no such order'),
    });
  });

  it('fails also when some of it has come', async () => {
    const { calls } = await deployed({ image: IMAGE });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of calls.stream('orders', { fail: true })) {
        seen.push(Buffer.from(chunk).toString());
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
  });

  it('stops when its caller does', async () => {
    const { calls } = await deployed({ source: COUNTING });
    const signal = AbortSignal.abort();
    await expect(textOf(calls.stream('orders', null, { signal }))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
