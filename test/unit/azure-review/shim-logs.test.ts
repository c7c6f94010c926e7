/** Lines of the log that are easily lost, or told twice. */
import { describe, expect, it } from 'vitest';
import { readLogs } from '../../../providers/azure/logs/index.ts';
import { REF, startAzure, type Handle } from './shim-azure.ts';

const START = Date.UTC(2026, 0, 1);

async function read(
  { azure, observed, call, clock }: Awaited<ReturnType<typeof startAzure>>,
  change: { readonly limit?: number; readonly follow?: boolean; readonly cursor?: string } = {},
): Promise<readonly string[]> {
  const query = {
    from: new Date(START - 60_000).toISOString(),
    to: new Date(START + 60_000).toISOString(),
    limit: 100_000,
    follow: false,
    ...change,
  };
  const seen: string[] = [];
  const pushing = (async () => {
    for await (const { message } of readLogs(azure, REF, observed, query, call)) seen.push(message);
  })();
  let isOver = false;
  const over = pushing.finally(() => (isOver = true)).catch(() => {});
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!isOver) await clock.advance(10_000);
  }
  await over;
  await pushing;
  return seen;
}

const own = (seq: number, message = String(seq)): string =>
  JSON.stringify({ polyfaas: 'log', level: 'info', message, requestId: 'r', version: 'v', seq });

describe('the log', () => {
  it('goes on behind a moment that fills more than a page', async () => {
    await using azure = await startAzure();
    for (let seq = 0; seq < 2_500; seq += 1) azure.print(own(seq), START);
    azure.print(own(2_500), START + 1);
    expect(await read(azure)).toEqual(Array.from({ length: 2_501 }, (_, seq) => String(seq)));
  });

  it('keeps the order of a moment that lies on two pages', async () => {
    await using azure = await startAzure();
    for (let seq = 0; seq < 990; seq += 1) azure.print(own(seq), START);
    // The workspace holds them in no order.
    for (let seq = 1_010; seq >= 990; seq -= 1) azure.print(own(seq), START + 1);
    expect(await read(azure)).toEqual(Array.from({ length: 1_011 }, (_, seq) => String(seq)));
  });

  it('has both of two plain lines that are the same', async () => {
    await using azure = await startAzure();
    azure.print('tick', START);
    azure.print('tick', START);
    expect(await read(azure)).toEqual(['tick', 'tick']);
    expect(await read(azure, { follow: true, limit: 2 })).toEqual(['tick', 'tick']);
  });

  it('is followed past a failure that passes', async () => {
    let queries = 0;
    const handle: Handle = ({ path }) => {
      if (!path.endsWith('/query')) return undefined;
      queries += 1;
      if (queries === 3) azure.print('late', azure.clock.now());
      return queries === 2
        ? { status: 503, body: '{"error":{"code":"ServiceUnavailable","message":"busy"}}' }
        : undefined;
    };
    await using azure = await startAzure(handle);
    azure.print('early', START);
    expect(await read(azure, { follow: true, limit: 2 })).toEqual(['early', 'late']);
  });

  it('is not told in part as if it were whole', async () => {
    await using azure = await startAzure(({ path }) =>
      path.endsWith('/query')
        ? {
            status: 200,
            body: '{"tables":[{"columns":[],"rows":[]}],"error":{"code":"PartialError","message":"stopped"}}',
          }
        : undefined,
    );
    await expect(read(azure)).rejects.toThrow('stopped');
  });
});
