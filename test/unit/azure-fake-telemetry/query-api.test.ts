import { describe, expect, it } from 'vitest';
import { COMPONENT, executionAt, makeMonitor, read, traceAt, WORKSPACE } from './setup.ts';

const TRACES = { query: 'AppTraces | order by TimeGenerated asc | project Message' };

describe('queries', () => {
  it('see what the site wrote, minutes later, in its order', async () => {
    const monitor = makeMonitor();
    const id = await monitor.connect();
    const now = monitor.clock.now();
    for (const message of ['one', 'two', 'three']) monitor.telemetry.trace(traceAt(now, message));
    await monitor.clock.advance(60_000);
    expect(read(await monitor.query(id, TRACES), 'tables.0.rows')).toEqual([]);
    await monitor.clock.advance(60_000);
    expect(await monitor.query(id, TRACES)).toEqual({
      status: 200,
      body: {
        tables: [
          {
            name: 'PrimaryResult',
            columns: [{ name: 'Message', type: 'string' }],
            rows: [['one'], ['two'], ['three']],
          },
        ],
      },
    });
  });

  it('show values in the form of the API', async () => {
    const monitor = makeMonitor();
    const id = await monitor.connect();
    monitor.telemetry.execution(
      executionAt(Date.UTC(2026, 0, 1, 0, 1), {
        success: false,
        httpStatus: 500,
        error: { type: 'RpcException', message: 'Result: Failure', stack: '' },
      }),
    );
    await monitor.clock.advance(180_000);
    const { body } = await monitor.query(id, {
      query: `AppRequests | project TimeGenerated, Name, Success, ResultCode, DurationMs, AppRoleName, Properties, none = todouble('x'), age = now() - TimeGenerated, average = 0.0 / 0`,
    });
    const rows = read({ body }, 'tables.0.rows');
    const types = 'datetime string bool string real string dynamic real timespan real'.split(' ');
    expect(types.map((_, at) => read({ body }, `tables.0.columns.${at}.type`))).toEqual(types);
    expect(read({ body }, 'tables.0.columns.length')).toBe(types.length);
    expect(rows).toEqual([
      [
        '2026-01-01T00:01:00Z',
        'http',
        false,
        '500',
        20,
        'shop-orders',
        expect.stringContaining('"Category":"Host.Results"'),
        null,
        '00:02:10',
        'NaN',
      ],
    ]);
    const failed = await monitor.query(id, {
      query: 'AppExceptions | project ExceptionType, InnermostMessage, OperationName',
    });
    const row = ['RpcException', 'Result: Failure', 'http'];
    expect(read(failed, 'tables.0.rows')).toEqual([row, row]);
  });

  it('are held to their timespan', async () => {
    const monitor = makeMonitor();
    const id = await monitor.connect();
    const start = monitor.clock.now();
    monitor.telemetry.trace(traceAt(start, 'old'));
    await monitor.clock.advance(3_600_000);
    monitor.telemetry.trace(traceAt(monitor.clock.now(), 'new'));
    await monitor.clock.advance(180_000);
    const seen = async (timespan: string): Promise<unknown> =>
      read(await monitor.query(id, { ...TRACES, timespan }), 'tables.0.rows');
    expect(await seen('PT30M')).toEqual([['new']]);
    const at = (ms: number): string => new Date(ms).toISOString();
    expect(await seen(`${at(start)}/${at(start + 60_000)}`)).toEqual([['old']]);
    expect(await seen(`${at(start)}/PT2H`)).toEqual([['old'], ['new']]);
    expect(await seen('an hour')).toBeUndefined();
  });

  it('see nothing of sites without a connection to the workspace', async () => {
    const monitor = makeMonitor();
    const id = await monitor.connect();
    const connection = monitor.settings['APPLICATIONINSIGHTS_CONNECTION_STRING'] ?? '';
    delete monitor.settings['APPLICATIONINSIGHTS_CONNECTION_STRING'];
    monitor.telemetry.trace(traceAt(monitor.clock.now(), 'unconnected'));
    monitor.settings['APPLICATIONINSIGHTS_CONNECTION_STRING'] = connection;
    const properties = {
      Application_Type: 'web',
      WorkspaceResourceId: WORKSPACE,
      DisableLocalAuth: true,
    };
    await monitor.arm('PUT', COMPONENT, { location: 'westeurope', kind: 'web', properties });
    monitor.telemetry.trace(traceAt(monitor.clock.now(), 'without a token'));
    monitor.settings['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] =
      'Authorization=AAD;ClientId=client-1';
    monitor.telemetry.trace(traceAt(monitor.clock.now(), 'without a role'));
    monitor.allowed.add('principal-1');
    monitor.telemetry.trace(traceAt(monitor.clock.now(), 'with all'));
    await monitor.clock.advance(180_000);
    expect(read(await monitor.query(id, TRACES), 'tables.0.rows')).toEqual([['with all']]);
  });

  it('are refused as Log Analytics refuses them', async () => {
    const monitor = makeMonitor();
    const id = await monitor.connect();
    const stranger = { kind: 'identity', principalId: 'nobody' } as const;
    const error = async (
      ...input: Parameters<typeof monitor.query>
    ): Promise<{ status: number; codes: readonly string[] }> => {
      const { status, body } = await monitor.query(...input);
      const codes: string[] = [];
      for (let path = 'error'; read({ body }, path); path += '.innererror') {
        codes.push(String(read({ body }, `${path}.code`)));
      }
      return { status, codes };
    };
    expect(await error(id, { query: 'AppTraces |' })).toEqual({
      status: 400,
      codes: ['BadArgumentError', 'SyntaxError', 'SYN0002'],
    });
    expect(await error(id, { query: 'AppTraces | where X == 1' })).toEqual({
      status: 400,
      codes: ['BadArgumentError', 'SemanticError', 'SEM0100'],
    });
    expect(await error(id, {})).toMatchObject({ status: 400 });
    expect(await error('00000000-0000-0000-0000-000000000000', TRACES)).toMatchObject({
      status: 404,
    });
    expect(await error(id, TRACES, stranger)).toEqual({
      status: 403,
      codes: ['InsufficientAccessError'],
    });
  });
});
