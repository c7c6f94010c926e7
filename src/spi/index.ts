/** What an adapter author needs. */
export * from './artifact.ts';
export * from './bindings.ts';
export * from './capabilities.ts';
export * from './clock.ts';
export * from './native.ts';
export * from './plan.ts';
export * from './provider.ts';
export * from '../errors/index.ts';
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
export type {
  AsyncSpec,
  CorsSpec,
  DestinationSpec,
  HttpMethod,
  JwtSpec,
  ProviderOptions,
  RateLimitSpec,
  SecretRef,
} from '../spec/types.ts';
