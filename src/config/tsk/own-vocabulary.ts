/** Our own vocabulary, written in `snake_case` or `camelCase`. What users named themselves stays as it is. */
import { formatPath } from '../../spec/issues.ts';
import { isTable } from './fields.ts';
import { entryError, numberText } from './origin.ts';
import type { TskTable, TskValue } from './parse.ts';

/** Objects by names that users chose; below the name, fields are ours again. */
const NAMED = new Set(['functions', 'environments']);
/** Objects that are the users' own down to the ground. */
const FOREIGN = new Set(['providerOptions', 'adapters', 'region', 'filter', 'data', 'input']);
/** Objects of texts by name. */
const TEXTS = new Set(['env', 'tags']);

/**
 * Makes the keys of our vocabulary `camelCase`, and the values of `env` and `tags` texts.
 *
 * @param path of the table, for errors; `''` for the configuration itself.
 */
export function ownVocabulary(table: TskTable, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const spellings = new Map<string, string>();
  for (const [written, value] of Object.entries(table)) {
    const key = camelCase(written);
    const other = spellings.get(key);
    if (other !== undefined) {
      throw entryError(
        table,
        written,
        `"${other}" and "${written}" are one field, ${below(path, key)}. Keep one of them.`,
      );
    }
    spellings.set(key, written);
    result[key] = fieldValue(key, value, below(path, key));
  }
  return result;
}

function fieldValue(key: string, value: TskValue, path: string): unknown {
  if (TEXTS.has(key) && isTable(value)) return texts(value);
  if (FOREIGN.has(key)) return value;
  if (NAMED.has(key) && isTable(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, ownValue(item, below(path, name))]),
    );
  }
  return ownValue(value, path);
}

function ownValue(value: TskValue, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => ownValue(item, `${path}[${index}]`));
  return isTable(value) ? ownVocabulary(value, path) : value;
}

/** Environment variables are texts: numbers and switches become the text they were written as. */
export function texts(table: TskTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name, asText(table, name, value)]),
  );
}

function asText(table: TskTable, name: string, value: TskValue): TskValue {
  if (typeof value === 'number') return numberText(table, name) ?? `${value}`;
  return typeof value === 'boolean' ? `${value}` : value;
}

function below(path: string, key: string): string {
  const part = formatPath([key]);
  return path === '' || part.startsWith('[') ? path + part : `${path}.${part}`;
}

function camelCase(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
