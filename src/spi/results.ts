/** Builds the JSON that plans are made of. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonObject } from '../function/json.types.ts';
import type { Binding } from './bindings.ts';
import type { FromRef } from './plan.ts';

/** What the `result` of a deploy or rollback plan holds. */
export interface DeployResult {
  readonly version: string | FromRef;
  readonly url: string | null | FromRef;
  readonly bindings: readonly Binding[];
  /** The live version's digest. */
  readonly digest: string;
}

/** What the `result` of a preWarm plan holds. */
export interface WarmResult {
  readonly distinctInstances: number | FromRef;
  readonly guaranteed: boolean;
}

/** What the `result` of a configureEvent plan holds. */
export interface BindResult {
  readonly url: string | null | FromRef;
}

/** What the `result` of a prune plan holds. */
export interface PruneResult {
  readonly removedVersions: readonly string[];
}

/** A deep copy as a JSON object, for typed values that have no index signature. Throws on anything else. */
export function jsonObject(value: object): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  if (isObject(copy)) return copy;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: 'A plan holds JSON objects only; an array or a bare value was given.',
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
