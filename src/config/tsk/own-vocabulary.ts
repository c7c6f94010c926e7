/** Our own vocabulary, written in `snake_case` or `camelCase`. What users named themselves stays as it is. */
import { ServerlessError } from '../../errors/serverless-error.ts';
import { isTable } from './fields.ts';
import type { TskTable, TskValue } from './parse.ts';

/** Objects by names that users chose; below the name, fields are ours again. */
const NAMED = new Set(['functions', 'environments']);
/** Objects that are the users' own down to the ground. */
const FOREIGN = new Set(['providerOptions', 'adapters', 'region', 'filter', 'data', 'input']);
/** Objects of texts by name. */
const TEXTS = new Set(['env', 'tags']);

/** Makes the keys of our vocabulary `camelCase`, and the values of `env` and `tags` texts. */
export function ownVocabulary(table: TskTable): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(table)) {
    const key = camelCase(written);
    if (Object.hasOwn(result, key)) {
      throw new ServerlessError({
        code: 'INVALID_ARGUMENT',
        message: `"${written}" and another spelling of "${key}" stand side by side. Keep one of them.`,
      });
    }
    result[key] = fieldValue(key, value);
  }
  return result;
}

function fieldValue(key: string, value: TskValue): unknown {
  if (TEXTS.has(key) && isTable(value)) return texts(value);
  if (FOREIGN.has(key)) return value;
  if (NAMED.has(key) && isTable(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, ownValue(item)]));
  }
  return ownValue(value);
}

function ownValue(value: TskValue): unknown {
  if (Array.isArray(value)) return value.map(ownValue);
  return isTable(value) ? ownVocabulary(value) : value;
}

/** Environment variables are texts: numbers and switches become the text they were written as. */
export function texts(table: TskTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? `${value}` : value,
    ]),
  );
}

function camelCase(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
