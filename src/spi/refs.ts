import { ServerlessError } from '../errors/index.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces every `{ "$from": "step.field" }` by the output of that step. */
export function resolveRefs(value: JsonValue, outputs: ReadonlyMap<string, JsonObject>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => resolveRefs(item, outputs));
  if (!isObject(value)) return value;
  const from = referenceOf(value);
  if (from !== undefined) return lookUp(from, outputs);
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

/** What it refers to, as `step.field`; undefined when it is no reference. */
export function referenceOf(value: object): string | undefined {
  const [first, ...others] = Object.entries(value);
  if (first?.[0] !== '$from' || others.length > 0) return undefined;
  const from: unknown = first[1];
  return typeof from === 'string' ? from : undefined;
}

/** The ids of the steps that a value refers to, however deep. */
export function stepsReferredTo(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<object>();
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const one = rest.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    const from = Array.isArray(one) ? undefined : referenceOf(one);
    if (from === undefined) for (const inner of Object.values(one)) rest.push(inner);
    else found.add(from.split('.')[0] ?? '');
  }
  return found;
}

function lookUp(path: string, outputs: ReadonlyMap<string, JsonObject>): JsonValue {
  const [step = '', ...fields] = path.split('.');
  let value: JsonValue | undefined = outputs.get(step);
  // Only what the step has given: every object has a `constructor`.
  for (const field of fields) {
    value = isObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  }
  if (value === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `The plan refers to "${path}", which no earlier step has given. Make the plan anew.`,
    });
  }
  return value;
}
