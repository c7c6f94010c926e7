/** A world of one site, for what Azure Monitor knows of it. */
import type { Caller, World } from '../../fakes/azure/core/ports.ts';
import { ArmFault } from '../../fakes/azure/core/service.ts';
import { createTelemetry, type Telemetry } from '../../fakes/azure/telemetry/index.ts';
import { FakeTime } from '../../fakes/aws/core/clock.ts';

export const GROUP = '/subscriptions/s/resourceGroups/shop';
export const SITE = `${GROUP}/providers/Microsoft.Web/sites/shop-orders`;
export const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/shop-logs`;
export const COMPONENT = `${GROUP}/providers/Microsoft.Insights/components/shop`;
export const DEPLOYER: Caller = { kind: 'deployer', principalId: 'd' };

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What stands at a place of an answer's body: `tables.0.rows`. */
export function read({ body }: Pick<Answer, 'body'>, path: string): unknown {
  let value = body;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

export interface TestMonitor {
  readonly clock: FakeTime;
  readonly telemetry: Telemetry;
  readonly settings: Record<string, string>;
  /** Principals that may do what they ask for. */
  readonly allowed: Set<string>;
  arm(method: string, path: string, body?: object, apiVersion?: string): Promise<Answer>;
  metrics(query: Readonly<Record<string, string>>, site?: string): Answer;
  query(customerId: string, body: object, caller?: Caller): Promise<Answer>;
  /** Makes a workspace and a component, and connects the site. Resolves to the workspace's customer id. */
  connect(): Promise<string>;
}

const VERSIONS = { workspaces: '2023-09-01', components: '2020-02-02' } as const;

export function makeMonitor(): TestMonitor {
  const clock = new FakeTime();
  const settings: Record<string, string> = {};
  const allowed = new Set<string>();
  const world = {
    clock,
    subscriptionId: 's',
    location: 'westeurope',
    operations: {
      begin({ durationMs, end }: { durationMs: number; end: () => void }) {
        clock.after(durationMs, end);
        return { 'azure-asyncoperation': 'http://127.0.0.1/operation' };
      },
    },
    roles: {
      allows: (caller: Caller) => caller.kind !== 'identity' || allowed.has(caller.principalId),
    },
    web: {
      siteIds: () => [SITE],
      settingsOf: () => settings,
      identitiesOf: () => ({ 'client-1': 'principal-1' }),
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The telemetry asks for nothing else of the world.
  const telemetry = createTelemetry(world as unknown as World);

  async function arm(
    method: string,
    path: string,
    body?: object,
    apiVersion: string = path.includes('/workspaces') ? VERSIONS.workspaces : VERSIONS.components,
  ): Promise<Answer> {
    const [bare = '', search = ''] = path.split('?');
    const provider = telemetry.providers.find(({ namespace }) => bare.includes(namespace));
    const query = new URLSearchParams(search);
    const call = { method, path: bare, apiVersion, query, headers: {}, body, caller: DEPLOYER };
    try {
      const reply = await provider?.handle(call);
      return { status: reply?.status ?? 404, body: reply?.body };
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      return {
        status: error.status,
        body: { error: { code: error.code, message: error.message } },
      };
    }
  }

  return {
    clock,
    telemetry,
    settings,
    allowed,
    arm,
    metrics(query, site = SITE) {
      const reply = telemetry.metrics({
        method: 'GET',
        path: `${site}/providers/Microsoft.Insights/metrics`,
        apiVersion: '2024-02-01',
        query: new URLSearchParams(query),
        headers: {},
        body: undefined,
        caller: DEPLOYER,
      });
      return { status: reply?.status ?? 0, body: reply?.body };
    },
    async query(customerId, body, caller = DEPLOYER) {
      const reply = await telemetry.handle({
        method: 'POST',
        url: `/v1/workspaces/${customerId}/query`,
        headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
        body: Buffer.from(JSON.stringify(body)),
        caller,
      });
      return { status: reply.status, body: reply.body };
    },
    async connect() {
      await arm('PUT', WORKSPACE, { location: 'westeurope' });
      await clock.advance(10_000);
      const component = await arm('PUT', COMPONENT, {
        location: 'westeurope',
        kind: 'web',
        properties: { Application_Type: 'web', WorkspaceResourceId: WORKSPACE },
      });
      settings['APPLICATIONINSIGHTS_CONNECTION_STRING'] = String(
        read(component, 'properties.ConnectionString'),
      );
      return String(read(await arm('GET', WORKSPACE), 'properties.customerId'));
    },
  };
}

export function executionAt(
  timeMs: number,
  more: Partial<Parameters<Telemetry['execution']>[0]> = {},
): Parameters<Telemetry['execution']>[0] {
  return {
    siteName: 'shop-orders',
    timeMs,
    functionName: 'http',
    operationId: 'a'.repeat(32),
    durationMs: 20,
    success: true,
    memoryMb: 100,
    instanceMemoryMb: 2048,
    instanceId: 'one',
    ...more,
  };
}

export function traceAt(
  timeMs: number,
  message: string,
  more: Partial<Parameters<Telemetry['trace']>[0]> = {},
): Parameters<Telemetry['trace']>[0] {
  return {
    siteName: 'shop-orders',
    timeMs,
    message,
    severity: 1,
    operationId: '',
    functionName: 'http',
    instanceId: 'one',
    ...more,
  };
}
