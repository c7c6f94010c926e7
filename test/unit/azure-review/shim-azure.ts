/** Azure as far as calls and logs need it, over HTTP: keys, settings, the host, the queue, and a workspace of lines. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { CallContext } from 'polyfaas/spi';
import { createClients } from '../../../providers/azure/clients/index.ts';
import { OWN_FUNCTIONS } from '../../../providers/azure/manifest.ts';
import type { AzureObserved } from '../../../providers/azure/model.ts';
import { COLUMNS } from '../../fakes/azure/telemetry/tables.ts';
import { runQuery } from '../../fakes/azure/telemetry/kql/run.ts';
import { dateText, type Value } from '../../fakes/azure/telemetry/kql/values.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const REF = { app: 'shop', stage: 'dev', name: 'orders' };
const SITE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop-orders';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handle = (request: {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}) => Answer | undefined;

const START = Date.UTC(2026, 0, 1);

function tableOf(name: string, rows: readonly Readonly<Record<string, Value>>[]) {
  const columns = COLUMNS.get(name) ?? [];
  return { columns, rows: rows.map((row) => columns.map((column) => row[column.name] ?? null)) };
}

export async function startAzure(handle: Handle = () => undefined) {
  const settings: Record<string, string> = { POLYFAAS_WORKSPACE: 'w' };
  const traces: Readonly<Record<string, Value>>[] = [];
  const exceptions: Readonly<Record<string, Value>>[] = [];
  const requests: Readonly<Record<string, Value>>[] = [];
  const clock = new ManualClock(START);
  const json = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
  const own: Handle = ({ path, body }) => {
    if (path.includes('/config/appsettings/list')) return json({ properties: settings });
    if (path.includes('/host/default/listkeys')) return json({ functionKeys: { default: 'host' } });
    if (!path.endsWith('/query')) return undefined;
    const wish: { readonly query: string } = JSON.parse(body);
    const tables = new Map([
      ['AppTraces', tableOf('AppTraces', traces)],
      ['AppExceptions', tableOf('AppExceptions', exceptions)],
      ['AppRequests', tableOf('AppRequests', requests)],
    ]);
    const table = runQuery(wish.query, { tables, now: clock.now() });
    const shown = table.rows.map((row) =>
      row.map((value, at) =>
        table.columns[at]?.type === 'datetime' && typeof value === 'number'
          ? dateText(value)
          : // As the API sends what is dynamic.
            typeof value === 'object' && value !== null
            ? JSON.stringify(value)
            : value,
      ),
    );
    return json({ tables: [{ name: 'PrimaryResult', columns: table.columns, rows: shown }] });
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const asked = { path: request.url ?? '', headers: request.headers, body };
      const answer = handle(asked) ?? own(asked) ?? { status: 404, body: '{}' };
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const url = `http://${host}`;
  settings['AzureWebJobsStorage__queueServiceUri'] = `${url}/queues/`;
  settings['POLYFAAS_INVOKE_KEYS'] = 'k1:0123456789abcdef';
  const azure = createClients({
    subscriptionId: 's',
    location: 'westeurope',
    endpoint: url,
    logsEndpoint: url,
    cloud: 'public',
    credential: {
      getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
  });
  // Only what is read of a function that is live.
  const seen: unknown = {
    site: { hostName: host, plan: 'flex' },
    siteId: SITE,
    physicalName: 'shop-orders',
    isStranger: false,
    record: { live: { version: 'v1', memoryMb: 512, timeoutSeconds: 5 } },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const observed = seen as AzureObserved;
  const call: CallContext = {
    clock,
    signal: new AbortController().signal,
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('none')) },
    log: { log: () => {} },
  };
  return {
    azure,
    host,
    call,
    clock,
    observed,
    settings,
    /** Puts a line into the workspace. */
    print(message: string, timeMs: number, instance = 'i1'): void {
      traces.push({
        TimeGenerated: timeMs,
        Message: message,
        SeverityLevel: 1,
        AppRoleName: 'shop-orders',
        AppRoleInstance: instance,
        OperationId: 'o',
        Properties: { Category: 'Host.Function.Console' },
      });
    },
    /** Puts what the host tells of a call of the function's own entry into the workspace. */
    called(isSuccess: boolean, status: number, timeMs = START): void {
      requests.push({
        TimeGenerated: timeMs,
        OperationName: OWN_FUNCTIONS.direct,
        Success: isSuccess,
        ResultCode: String(status),
        AppRoleName: 'shop-orders',
      });
    },
    /** Puts an exception that the host logged into the workspace: from the outermost to the innermost. */
    except(
      chain: readonly (readonly [type: string, message: string])[],
      {
        operation = 'o',
        invocation = 'i',
      }: { readonly operation?: string; readonly invocation?: string } = {},
      timeMs = START,
    ): void {
      const [type, message] = chain.at(-1) ?? ['', ''];
      exceptions.push({
        TimeGenerated: timeMs,
        ExceptionType: type,
        InnermostType: type,
        InnermostMessage: message,
        SeverityLevel: 3,
        Details: chain.map(([typeOf, said], at) => ({
          parsedStack: [],
          outerId: String(at),
          message: said,
          severityLevel: 'Error',
          type: typeOf,
          id: String(at + 1),
        })),
        AppRoleName: 'shop-orders',
        AppRoleInstance: 'i1',
        OperationId: operation,
        Properties: invocation === '' ? {} : { InvocationId: invocation },
      });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      azure.close();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
