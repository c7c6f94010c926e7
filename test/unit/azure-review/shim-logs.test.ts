/** Lines of the log that are easily lost, or told twice. */
import { describe, expect, it } from 'vitest';
import { readLogs } from '../../../providers/azure/logs/index.ts';
import { traceIdOf, type LogsQuery } from '../../../src/spi/index.ts';
import { REF, startAzure, type Handle } from './shim-azure.ts';

const START = Date.UTC(2026, 0, 1);

async function read(
  { azure, observed, call, clock }: Awaited<ReturnType<typeof startAzure>>,
  change: Partial<LogsQuery> = {},
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

  const INVOCATION = [
    'Microsoft.Azure.WebJobs.Host.FunctionInvocationException',
    'Exception while executing function: Functions.direct',
  ] as const;
  const exit = (said: string) =>
    [
      INVOCATION,
      [
        'Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException',
        'node exited with code 134 (0x86)',
      ],
      // What the process said of errors, joined by commas.
      ['System.Exception', said],
    ] as const;

  it('tells how a call ended whose process did, with what that said', async () => {
    await using azure = await startAzure();
    const operation = traceIdOf('r');
    azure.except(exit('FATAL ERROR: Reached heap limit'), { operation, invocation: '1' });
    azure.except(exit('n/a'), { operation, invocation: '2' }, START + 1);
    azure.except(exit(''), { operation, invocation: '3' }, START + 2);
    const foreign =
      '{"polyfaas":"log","level":"error","message":"of another call","requestId":"s"}';
    azure.except(exit(`an error,${foreign}`), { operation, invocation: '4' }, START + 3);
    azure.except(
      exit(
        'LanguageWorkerConsoleLog[error] Worker uncaught exception (learn more: https://go.microsoft.com/fwlink/?linkid=2097909 ): Error: boom     at fail (main.mjs:1:1)',
      ),
      { operation, invocation: '5' },
      START + 4,
    );
    // Of a process, and not of a call: each that is scaled in leaves one.
    azure.except(exit('').slice(1), { operation, invocation: '' }, START + 5);
    const bare = 'node exited with code 134 (0x86)';
    expect(await read(azure, { requestId: 'r' })).toEqual([
      `${bare}: FATAL ERROR: Reached heap limit`,
      bare,
      bare,
      bare,
      `${bare}: Error: boom     at fail (main.mjs:1:1)`,
    ]);
    expect(await read(azure, { requestId: 's' })).toEqual([]);
  });

  it('tells of one end once, which the host logs twice, and of each attempt', async () => {
    await using azure = await startAzure();
    const late = (invocation: string, timeMs: number) =>
      azure.except(
        [
          INVOCATION,
          [
            'Microsoft.Azure.WebJobs.Host.FunctionTimeoutException',
            'Timeout value of 00:00:01 was exceeded',
          ],
        ],
        { invocation },
        timeMs,
      );
    late('1', START);
    late('1', START + 3);
    late('2', START + 9);
    late('2', START + 9);
    const told = 'Timeout value of 00:00:01 was exceeded';
    expect(await read(azure)).toEqual([told, told]);
    expect(await read(azure, { follow: true, limit: 2 })).toEqual([told, told]);
  });

  it('tells of calls that were given up beside one that took too long', async () => {
    await using azure = await startAzure();
    azure.except([
      INVOCATION,
      [
        'Microsoft.Azure.WebJobs.Host.FunctionTimeoutAbortException',
        'Worker channel is shutting down. Aborting function.',
      ],
      ['Microsoft.Azure.WebJobs.Host.FunctionTimeoutException', 'Timeout value of another'],
    ]);
    expect(await read(azure)).toEqual(['Worker channel is shutting down. Aborting function.']);
  });

  it('does not tell a second time what a handler threw, whatever that says', async () => {
    await using azure = await startAzure();
    azure.except([
      INVOCATION,
      [
        'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException',
        'Result: Failure\nException: no FunctionTimeoutException',
      ],
    ]);
    expect(await read(azure)).toEqual([]);
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
