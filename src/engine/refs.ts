import { ServerlessError } from '../errors/index.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces every `{ "$from": "step.field" }` by the output of that step. */
export function resolveRefs(value: JsonValue, outputs: ReadonlyMap<string, JsonObject>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => resolveRefs(item, outputs));
  if (!isObject(value)) return value;
  const from = value['$from'];
  if (typeof from === 'string' && Object.keys(value).length === 1) return lookUp(from, outputs);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, resolveRefs(inner, outputs)]),
  );
}

/** As {@link resolveRefs}, for a value whose outside is an object. */
export function resolveObject(
  value: JsonObject,
  outputs: ReadonlyMap<string, JsonObject>,
): JsonObject {
  const resolved = resolveRefs(value, outputs);
  return isObject(resolved) ? resolved : {};
}

function lookUp(path: string, outputs: ReadonlyMap<string, JsonObject>): JsonValue {
  const [step = '', ...fields] = path.split('.');
  let value: JsonValue | undefined = outputs.get(step);
  for (const field of fields) value = isObject(value) ? value[field] : undefined;
  if (value === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `The plan refers to "${path}", which no earlier step has given. Make the plan anew.`,
    });
  }
  return value;
}
