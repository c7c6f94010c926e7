/** How records of a site come to a workspace: by the connection string among the site's settings. */
import type { TelemetryPort, World } from '../core/ports.ts';
import type { Component, Components } from './components.ts';
import type { Value } from './kql/values.ts';
import { siteNameOf } from './site-name.ts';
import type { TableName } from './tables.ts';
import type { Workspaces } from './workspaces.ts';

type Trace = Parameters<TelemetryPort['trace']>[0];
type Execution = Parameters<TelemetryPort['execution']>[0];
type Values = Readonly<Record<string, Value>>;

/** "Monitoring Metrics Publisher" */
const PUBLISHER = '3913510d-42f4-4e42-8a64-420c390055eb';
/** Longer messages are cut (Application Insights limits: "Trace message length"). */
const MAX_MESSAGE = 32_768;
const SDK_VERSION = 'azurefunctions: 4.1042.100';

export class Ingestion {
  readonly #world: World;
  readonly #workspaces: Workspaces;
  readonly #components: Components;

  constructor(world: World, workspaces: Workspaces, components: Components) {
    this.#world = world;
    this.#workspaces = workspaces;
    this.#components = components;
  }

  trace(entry: Trace): void {
    this.#add('AppTraces', entry, {
      Message: entry.message.slice(0, MAX_MESSAGE),
      SeverityLevel: entry.severity,
      Properties: { ...entry.properties },
    });
  }

  execution(entry: Execution): void {
    const { functionName, operationId, error, invocationId, timeMs } = entry;
    const endedAt = Math.max(timeMs, this.#world.clock.now());
    const properties = {
      ...(invocationId !== undefined && { InvocationId: invocationId }),
      Category: 'Host.Results',
      FullName: `Functions.${functionName}`,
      LogLevel: error ? 'Error' : 'Information',
    };
    if (error) this.#exceptions({ ...entry, timeMs: endedAt }, error, properties);
    this.#add('AppRequests', entry, {
      Id: operationId.slice(0, 16),
      Name: functionName,
      Success: entry.success,
      // Only HTTP has one.
      ResultCode: String(entry.httpStatus ?? 0),
      DurationMs: entry.durationMs,
      PerformanceBucket: bucketOf(entry.durationMs),
      Properties: properties,
    });
  }

  /** The host logs one twice (azure-functions-host, issues 5846 and 6564). */
  #exceptions(entry: Execution, error: NonNullable<Execution['error']>, properties: Values): void {
    const { functionName } = entry;
    const outer = {
      type: 'Microsoft.Azure.WebJobs.Host.FunctionInvocationException',
      message: `Exception while executing function: Functions.${functionName}`,
    };
    const innermost = error.inner ?? error;
    for (const category of [`Function.${functionName}`, 'Host.Results']) {
      this.#add('AppExceptions', entry, {
        ProblemId: `${innermost.type} at Functions.${functionName}`,
        ExceptionType: innermost.type,
        OuterType: outer.type,
        OuterMessage: outer.message,
        InnermostType: innermost.type,
        InnermostMessage: messageOf(innermost),
        SeverityLevel: 3,
        Details: [
          { ...outer, severityLevel: 'Error', outerId: '0', id: '1' },
          {
            type: error.type,
            message: messageOf(error),
            rawStack: error.stack,
            severityLevel: 'Error',
            outerId: '1',
            id: '2',
          },
          ...(error.inner === undefined
            ? []
            : [
                {
                  type: error.inner.type,
                  message: messageOf(error.inner),
                  severityLevel: 'Error',
                  outerId: '2',
                  id: '3',
                },
              ]),
        ],
        Properties: { ...properties, Category: category },
      });
    }
  }

  #add(table: TableName, entry: Trace | Execution, values: Values): void {
    const target = this.#targetOf(entry.siteName);
    if (!target) return;
    const { component, settings } = target;
    const workspace = this.#workspaces.ready(component.workspaceId);
    workspace?.data.add(table, entry.timeMs, this.#world.clock.now(), {
      TenantId: workspace.customerId,
      OperationName: entry.functionName,
      OperationId: entry.operationId,
      AppRoleName: settings['WEBSITE_CLOUD_ROLENAME'] ?? entry.siteName,
      AppRoleInstance: entry.instanceId,
      ClientType: 'PC',
      ClientIP: '0.0.0.0',
      IKey: component.instrumentationKey,
      SDKVersion: SDK_VERSION,
      ItemCount: 1,
      SourceSystem: 'Azure',
      Type: table,
      _ResourceId: component.id.toLowerCase(),
      ...values,
    });
  }

  #targetOf(
    siteName: string,
  ):
    | { readonly component: Component; readonly settings: Readonly<Record<string, string>> }
    | undefined {
    const { web } = this.#world;
    const siteId = web
      .siteIds()
      .find((id) => siteNameOf(id).toLowerCase() === siteName.toLowerCase());
    if (siteId === undefined) return undefined;
    const settings = web.settingsOf(siteId);
    const component = this.#components.byKey(keyOf(settings));
    if (!component || (component.disableLocalAuth && !this.#maySend(siteId, settings, component)))
      return undefined;
    return { component, settings };
  }

  /** `Authorization=AAD`, with `ClientId=` for a user-assigned identity. */
  #maySend(
    siteId: string,
    settings: Readonly<Record<string, string>>,
    component: Component,
  ): boolean {
    const fields = fieldsOf(settings['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? '');
    if (fields.get('authorization')?.toUpperCase() !== 'AAD') return false;
    const principalId = this.#world.web.identitiesOf(siteId)[fields.get('clientid') ?? ''];
    if (principalId === undefined) return false;
    return this.#world.roles.allows({ kind: 'identity', principalId }, component.id, [PUBLISHER]);
  }
}

/** The key of a site's component; empty when it has none. */
function keyOf(settings: Readonly<Record<string, string>>): string {
  const fields = fieldsOf(settings['APPLICATIONINSIGHTS_CONNECTION_STRING'] ?? '');
  return fields.get('instrumentationkey') ?? settings['APPINSIGHTS_INSTRUMENTATIONKEY'] ?? '';
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
}

/** The SDK leaves none empty. */
function messageOf({ message }: { readonly message: string }): string {
  return message === '' ? 'n/a' : message.slice(0, MAX_MESSAGE);
}

function bucketOf(durationMs: number): string {
  if (durationMs < 250) return '<250ms';
  if (durationMs < 500) return '250ms-500ms';
  if (durationMs < 1000) return '500ms-1sec';
  return durationMs < 3000 ? '1sec-3sec' : '>=3sec';
}
