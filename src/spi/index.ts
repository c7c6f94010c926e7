/** What an adapter author needs. */
export * from './artifact.ts';
export * from './async-destinations.ts';
export * from './binding-checks.ts';
export * from './bindings.ts';
export * from './capabilities.ts';
export * from './changes.ts';
export * from './clock.ts';
export * from './conflicts.ts';
export * from './cron/index.ts';
export * from './digest.ts';
export * from './direct/index.ts';
export * from './json-at.ts';
export * from './load-sdk.ts';
export * from './loopback.ts';
export * from './names.ts';
export * from './native.ts';
export * from './not-found.ts';
export * from './once.ts';
export * from './plan.ts';
export * from './planner.ts';
export * from './provider.ts';
export * from './reconcile.ts';
export { resolveObject } from './refs.ts';
export * from './results.ts';
export * from './settings/index.ts';
export * from './signals.ts';
export * from './socket-code.ts';
export * from './state-mark.ts';
export * from './source-positions.ts';
export * from './steps.ts';
export * from './thread-env.ts';
export * from './turn.ts';
export * from './zip.ts';
export * from '../errors/index.ts';
export { redact } from '../errors/redact.ts';
export type { ProviderFactory, ProviderParts } from '../manager/types.ts';
export type { JsonArray, JsonObject, JsonValue } from '../function/json.types.ts';
export type { LogLevel, TraceContext } from '../function/context.ts';
export type {
  BoundHandler,
  CallMeta,
  HttpMeta,
  RuntimeIdentity,
  ShimCall,
  ShimReply,
} from '../function/shim.ts';
export { secretNameProblem } from '../spec/names.ts';
export { DEFAULT_SIZES } from '../spec/normalize.ts';
export type * from '../spec/types.ts';
