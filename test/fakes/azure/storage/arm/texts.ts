import { mapOf } from '../../core/json.ts';

/** An object whose members are texts: tags, metadata. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mapOf(value)).map(([name, text]) => [name, String(text)]),
  );
}
