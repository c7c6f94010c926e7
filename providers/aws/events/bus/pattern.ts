/** Patterns of bus events, as EventBridge reads them. */
import type { BusPattern, JsonValue } from 'polyfaas/spi';

/** EventBridge takes no empty pattern; every event has a source, and every source begins with nothing. */
const EVERY_EVENT = { source: [{ prefix: '' }] };

/** The `EventPattern` of a rule, as JSON. */
export function eventPattern(pattern: BusPattern): string {
  const data = pattern.data === undefined ? undefined : withoutEmpty(pattern.data);
  const wanted = {
    ...(pattern.source === undefined ? {} : { source: pattern.source }),
    ...(pattern.type === undefined ? {} : { 'detail-type': pattern.type }),
    ...(data === undefined ? {} : { detail: data }),
  };
  return JSON.stringify(Object.keys(wanted).length === 0 ? EVERY_EVENT : wanted);
}

/** An object without fields asks for nothing, and EventBridge refuses it. */
function withoutEmpty(
  data: Readonly<Record<string, JsonValue>>,
): Record<string, JsonValue> | undefined {
  const fields: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(data)) {
    const inner = isObject(value) ? withoutEmpty(value) : ordered(value);
    if (inner !== undefined) fields.push([key, inner]);
  }
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** EventBridge takes a range of numbers from its lower end only. */
function ordered(values: JsonValue): JsonValue {
  if (!Array.isArray(values)) return values;
  return values.map((value: JsonValue): JsonValue => {
    if (!isObject(value) || !Array.isArray(value['numeric'])) return value;
    const [first = '', end = 0, second = '', start = 0] = value['numeric'];
    const isTurned = String(first).startsWith('<') && String(second).startsWith('>');
    return isTurned ? { numeric: [second, start, first, end] } : value;
  });
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
