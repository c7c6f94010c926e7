/** How the host hands a message over: as its text, or as the bytes of it where the trigger wants these. */
import type { TriggerCall, TriggerData } from '../core/ports.ts';
import { textOf } from '../core/json.ts';
import type { Trigger } from './triggers.ts';

type Metadata = Readonly<Record<string, TriggerData>>;

export function isBinary({ options }: Pick<Trigger, 'options'>): boolean {
  return textOf(options['dataType']).toLowerCase() === 'binary';
}

/** The value of one message, and the metadata as the host changes it for that. */
export function messageValue(
  trigger: Pick<Trigger, 'options'>,
  body: Buffer,
  metadata: Metadata,
): Pick<TriggerCall, 'data' | 'triggerMetadata'> {
  if (isBinary(trigger)) return { data: { bytes: body }, triggerMetadata: metadata };
  const text = body.toString('utf8');
  return { data: { string: text }, triggerMetadata: withFieldsOf(text, metadata) };
}

/** The values of a batch. It is no text, so nothing of it gets into the metadata. */
export function batchValue(
  trigger: Pick<Trigger, 'options'>,
  bodies: readonly Buffer[],
): TriggerData {
  if (isBinary(trigger)) return { collectionBytes: { bytes: bodies } };
  return textList(bodies.map((body) => body.toString('utf8')));
}

/** The worker for Node does not ask for empty texts, so the host leaves them out: what stands behind moves up. */
export function textList(texts: readonly (string | null)[]): TriggerData {
  return {
    collectionString: {
      string: texts.flatMap((text) => (text === null || text === '' ? [] : [text])),
    },
  };
}

/**
 * What an object at the top of a text holds is written over the metadata, for bindings that refer to it. Names are the
 * same without regard to case, and keep the form in which they came first.
 */
function withFieldsOf(text: string, metadata: Metadata): Metadata {
  const result = new Map(Object.entries(metadata));
  const names = new Map(Object.keys(metadata).map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of Object.entries(objectOf(text))) {
    if (value === null || Array.isArray(value)) continue;
    const known = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), known);
    const isObject = typeof value === 'object';
    result.set(known, isObject ? { json: JSON.stringify(value) } : { string: netText(value) });
  }
  return Object.fromEntries(result);
}

function objectOf(text: string): object {
  if (!/^\s*\{/.test(text)) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** .NET writes the names of truth values with a capital. */
function netText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
