/** What users import. Nothing is loaded here that a program might not need. */
export { createServerlessManager } from './manager/create.ts';
export type { PackageReport, PackageReportOptions, PackageShare } from './package/report.ts';
export type { SizedFile } from './package/types.ts';
export type * from './manager/types.ts';
export type * from './manager/typed.types.ts';
// From their own files, without the index between: every file more is felt at the start of every program.
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts';
export { ServerlessError, type ServerlessErrorInit } from './errors/serverless-error.ts';
export { secret } from './spec/secret.ts';
export { env } from './config/env.ts';
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from './config/load-config.ts';
export type * from './spec/types.ts';
export type * from './spi/plan.ts';
export type * from './spi/bindings.ts';
export type { Capabilities, Capability, CapabilityKey } from './spi/capabilities.ts';
export type {
  CoreLog,
  FunctionDescription,
  FunctionMetrics,
  FunctionSummary,
  InvokeResult,
  LogEntry,
  NativeToken,
  Percentiles,
  VersionDescription,
} from './spi/provider.ts';
export type { Clock, Random } from './spi/clock.ts';
export type { EventKind, HandlerKind } from './function/events.ts';
export type { JsonArray, JsonObject, JsonValue } from './function/json.types.ts';
export type { LogLevel, TraceContext } from './function/context.ts';
