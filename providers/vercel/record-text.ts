/** What is kept in variables of the project, and how: JSON, deflated, base64url. */
import { type JsonValue, listAt, parsedJson, textAt } from 'polyfaas/spi';
import { VARIABLE } from './manifest.ts';
import type { FunctionRecord, KeptFile, KeptRecord } from './record.ts';

/**
 * All variables of an environment together have 64 KB, names and values ("Environment variables", limits), and this holds
 * for `development`, which has what is kept here, as for any other. Of the record there are two for a moment; what is left
 * is for the variables of versions that are not live.
 */
const MOST_RECORD_CHARACTERS = 14_000;
/** Of the lists of files of all versions together. What does not fit is not kept: then bindings change by a deploy only. */
export const MOST_FILES_CHARACTERS = 24_000;

/** Whatever unpacks to more was not packed by us. */
const MOST_UNPACKED_BYTES = 4_000_000;

/** `POLYFAAS_RECORD_7`. */
export function recordVariable(number: number): string {
  return `${VARIABLE.record}${number}`;
}

/** 7, of `POLYFAAS_RECORD_7`; undefined for any other variable. */
export function recordNumber(key: string): number | undefined {
  if (!key.startsWith(VARIABLE.record)) return undefined;
  const digits = key.slice(VARIABLE.record.length);
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined;
}

/** `POLYFAAS_FILES_1A2B3C4D5E`. */
export function filesVariable(version: string): string {
  return `${VARIABLE.files}${version.toUpperCase()}`;
}

/** Undefined when it would be longer than a variable can be. */
export function encodeRecord(record: object): string | undefined {
  const text = packed(record);
  return text.length > MOST_RECORD_CHARACTERS ? undefined : text;
}

/** Undefined when it is none of ours: a hand that changed it gets "no record", never a crash. */
export function decodeRecord(text: string | undefined): FunctionRecord | undefined {
  const value: unknown = unpacked(text);
  return isRecord(value) ? value : undefined;
}

/**
 * The record among the variables of a project, as `GET /v10/projects/{id}/env` lists them: the one of the greatest
 * number. Undefined when there is none, or when it cannot be read.
 */
export function newestRecord(variables: readonly JsonValue[]): KeptRecord | undefined {
  let newest: { readonly number: number; readonly value: string | undefined } | undefined;
  for (const variable of variables) {
    const number = recordNumber(textAt(variable, 'key') ?? '');
    if (number === undefined || number <= (newest?.number ?? 0)) continue;
    newest = { number, value: textAt(variable, 'value') };
  }
  const record = decodeRecord(newest?.value);
  return newest === undefined || record === undefined
    ? undefined
    : { number: newest.number, record };
}

/** Undefined when the list would be too long to be kept. */
export function encodeFiles(files: readonly KeptFile[]): string | undefined {
  const text = packed(files.map(({ path, sha, size, mode }) => [path, sha, size, mode]));
  return text.length > MOST_FILES_CHARACTERS ? undefined : text;
}

/** Undefined when there is no list that can be read. */
export function decodeFiles(text: string | undefined): readonly KeptFile[] | undefined {
  const rows = listAt({ rows: unpacked(text) ?? null }, 'rows');
  const files = rows.flatMap((row) => {
    const [path, sha, size, mode] = Array.isArray(row) ? row : [];
    return typeof path === 'string' &&
      typeof sha === 'string' &&
      typeof size === 'number' &&
      typeof mode === 'number'
      ? [{ path, sha, size, mode }]
      : [];
  });
  return files.length > 0 && files.length === rows.length ? files : undefined;
}

function packed(value: unknown): string {
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  return deflateRawSync(JSON.stringify(value), { level: 9 }).toString('base64url');
}

function unpacked(text: string | undefined): JsonValue | undefined {
  if (text === undefined || text === '') return undefined;
  const { inflateRawSync } = process.getBuiltinModule('node:zlib');
  try {
    const bytes = inflateRawSync(Buffer.from(text, 'base64url'), {
      maxOutputLength: MOST_UNPACKED_BYTES,
    });
    return parsedJson(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

// Only this adapter writes the variable; whatever a hand has made of it is not taken for a record.
function isRecord(value: unknown): value is FunctionRecord {
  return (
    isObject(value) &&
    ['app', 'stage', 'name', 'settings'].every((field) => typeof value[field] === 'string') &&
    ['live', 'next'].every((field) => isTextOrNull(value[field])) &&
    isListOf(value['versions'], isNote) &&
    isListOf(value['bindings'], isBinding) &&
    isObject(value['since']) &&
    Object.values(value['since']).every((one) => typeof one === 'number')
  );
}

function isNote(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { config, env, deployment } = value;
  return (
    ['version', 'digest', 'artifactDigest'].every((field) => typeof value[field] === 'string') &&
    isTextOrNull(value['createdAt']) &&
    isObject(config) &&
    isListOf(config['handles'], isText) &&
    isListOf(config['regions'], isText) &&
    isObject(config['secrets']) &&
    ['memoryMb', 'timeoutSeconds', 'concurrency'].every(
      (field) => typeof config[field] === 'number',
    ) &&
    (env === undefined ||
      (isObject(env) &&
        isText(env['digest']) &&
        typeof env['renewal'] === 'number' &&
        (env['marks'] === undefined || isObject(env['marks'])))) &&
    (deployment === null ||
      (isObject(deployment) &&
        ['id', 'host', 'digest'].every((field) => typeof deployment[field] === 'string')))
  );
}

function isBinding(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['id']) &&
    (value['origin'] === 'spec' || value['origin'] === 'api') &&
    isObject(value['event']) &&
    isText(value['event']['type'])
  );
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
