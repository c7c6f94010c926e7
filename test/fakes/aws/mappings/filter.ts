/** Filter criteria: which records a function gets to see. */
import { isObject, objects, optionalText, type Input } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { compilePattern, type EventMatcher } from '../events/pattern.ts';
import { invalidValue } from './faults.ts';
import type { SourceKind } from './source.ts';

/** Without a raised quota a mapping has so many filters. */
const MAX_FILTERS = 5;
const MAX_PATTERN = 4096;

/** The patterns, each of them sound. */
export function readFilters(criteria: Input): readonly string[] {
  const filters = criteria['Filters'] === undefined ? [] : objects(criteria, 'Filters');
  if (filters.length > MAX_FILTERS) {
    throw invalidValue(`Exceeded the maximum of ${MAX_FILTERS} filters.`);
  }
  return filters.map((filter) => {
    const pattern = optionalText(filter, 'Pattern', { max: MAX_PATTERN }) ?? '';
    compile(pattern);
    return pattern;
  });
}

function compile(pattern: string): EventMatcher {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof AwsFault) throw invalidValue('Invalid filter pattern definition.');
    throw error;
  }
}

/** Whether any of the patterns fits; without patterns everything does. */
export function compileFilters(
  patterns: readonly string[],
): (record: Readonly<Record<string, unknown>>) => boolean {
  const matchers = patterns.map(compile);
  return (record) => matchers.length === 0 || matchers.some((matches) => matches(record));
}

/**
 * A record as its filter sees it. The payload of a queue or a Kinesis stream is read as JSON where it is an object; a
 * plain text fits a plain text only (developer guide, "Filter incoming messages").
 */
export function filterView(
  kind: SourceKind,
  record: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (kind === 'sqs') return { ...record, body: parsed(record['body']) };
  if (kind === 'dynamodb') return record;
  const kinesis = isObject(record['kinesis']) ? record['kinesis'] : {};
  const data = kinesis['data'];
  const text = typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : undefined;
  return { ...record, ...kinesis, data: parsed(text) };
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : text;
  } catch {
    return text;
  }
}
