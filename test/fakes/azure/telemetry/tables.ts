/** The tables of Application Insights in a workspace (Azure Monitor reference: AppTraces, AppRequests, AppExceptions). */
import type { Column, ScalarType } from './kql/values.ts';

export type TableName = 'AppTraces' | 'AppRequests' | 'AppExceptions';

/** What all have. */
const COMMON: Readonly<Record<string, ScalarType>> = {
  TenantId: 'string',
  TimeGenerated: 'datetime',
  Properties: 'dynamic',
  Measurements: 'dynamic',
  OperationName: 'string',
  OperationId: 'string',
  ParentId: 'string',
  SyntheticSource: 'string',
  SessionId: 'string',
  UserId: 'string',
  AppVersion: 'string',
  AppRoleName: 'string',
  AppRoleInstance: 'string',
  ClientType: 'string',
  ClientIP: 'string',
  IKey: 'string',
  SDKVersion: 'string',
  ItemCount: 'int',
  SourceSystem: 'string',
  Type: 'string',
  _ResourceId: 'string',
};

const OWN: Readonly<Record<string, Readonly<Record<string, ScalarType>>>> = {
  AppTraces: { Message: 'string', SeverityLevel: 'int' },
  AppRequests: {
    Id: 'string',
    Source: 'string',
    Name: 'string',
    Url: 'string',
    Success: 'bool',
    ResultCode: 'string',
    DurationMs: 'real',
    PerformanceBucket: 'string',
  },
  AppExceptions: {
    ProblemId: 'string',
    HandledAt: 'string',
    ExceptionType: 'string',
    Assembly: 'string',
    Method: 'string',
    OuterType: 'string',
    OuterMessage: 'string',
    OuterMethod: 'string',
    InnermostType: 'string',
    InnermostMessage: 'string',
    InnermostMethod: 'string',
    SeverityLevel: 'int',
    Details: 'dynamic',
  },
  // Nothing here writes these; they are there all the same.
  AppDependencies: {
    Id: 'string',
    Target: 'string',
    DependencyType: 'string',
    Name: 'string',
    Data: 'string',
    Success: 'bool',
    ResultCode: 'string',
    DurationMs: 'real',
  },
  AppEvents: { Name: 'string' },
  AppMetrics: {
    Name: 'string',
    Sum: 'real',
    Min: 'real',
    Max: 'real',
  },
};

export const COLUMNS: ReadonlyMap<string, readonly Column[]> = new Map(
  Object.entries(OWN).map(([table, own]) => {
    const { TenantId, TimeGenerated, ...rest } = COMMON;
    const all = { TenantId, TimeGenerated, ...own, ...rest };
    return [
      table,
      Object.entries(all).flatMap(([name, type]) => (type === undefined ? [] : [{ name, type }])),
    ];
  }),
);
