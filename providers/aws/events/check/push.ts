/** Sources that call the function: topics, buckets, buses. */
import type {
  IssueReport,
  JsonValue,
  NormalBusEvent,
  NormalObjectEvent,
  NormalTopicEvent,
} from 'polyfaas/spi';
import { bucketName, plainName } from '../arn.ts';
import { eventPattern } from '../bus/pattern.ts';
import { encodeFilter } from '../object/entry.ts';
import { checkAsyncRetry, checkDeadLetter, checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** SNS developer guide, "Filter policy constraints": 5 attribute names, 150 combinations of values. */
const MOST_FILTER_KEYS = 5;
const MOST_FILTER_COMBINATIONS = 150;
/** S3 API reference, `FilterRule`: the value has at most 1,024 characters. */
const LONGEST_FILTER = 1024;
/** EventBridge API reference, `PutRule`: `EventPattern` has at most 4,096 characters. */
const LONGEST_PATTERN = 4096;
/** EventBridge user guide, "Numeric matching": -5.0e9 to +5.0e9. */
const LARGEST_NUMBER = 5e9;

export function checkTopic(report: IssueReport, event: NormalTopicEvent): void {
  checkSource(report, 'topic', SOURCE_RULES.topic, event.topic, event.create);
  if (plainName(event.topic).endsWith('.fifo')) {
    report.issue(
      'topic',
      `"${event.topic}" is a FIFO topic, and SNS delivers those to queues only. Subscribe a queue to it and bind that, or use a standard topic.`,
    );
  }
  checkFilter(report, event.filter ?? {});
  checkDeadLetter(report, event, false);
  checkAsyncRetry(report, event);
}

export function checkObject(report: IssueReport, event: NormalObjectEvent): void {
  const isNamed = bucketName(event.bucket) === event.bucket;
  checkSource(report, 'bucket', SOURCE_RULES.bucket, event.bucket, event.create);
  for (const field of ['prefix', 'suffix'] as const) {
    const { length } = encodeFilter(event[field]);
    if (length > LONGEST_FILTER) {
      report.issue(
        field,
        `comes to ${length} characters, with special ones percent-encoded; S3 filters by at most ${LONGEST_FILTER}. Shorten it.`,
      );
    }
  }
  if (isNamed && event.create && event.bucket.includes('.')) {
    report.warn(
      'other',
      'bucket',
      `"${event.bucket}" has a dot, so its objects cannot be reached over https by the name of the bucket. Use "-" instead.`,
    );
  }
  checkDeadLetter(report, event, false);
  checkAsyncRetry(report, event);
}

export function checkBus(report: IssueReport, event: NormalBusEvent): void {
  checkSource(report, 'bus', SOURCE_RULES.bus, event.bus, event.create);
  const { length } = eventPattern(event.pattern);
  if (length > LONGEST_PATTERN) {
    report.issue(
      'pattern',
      `comes to ${length} characters; EventBridge takes at most ${LONGEST_PATTERN}. Shorten its lists, or declare two events.`,
    );
  }
  for (const [field, values] of Object.entries(event.pattern)) {
    checkPattern(report, `pattern.${field}`, values);
  }
  checkDeadLetter(report, event, false);
  checkAsyncRetry(report, event);
}

function checkFilter(
  report: IssueReport,
  filter: Readonly<Record<string, readonly string[]>>,
): void {
  const keys = Object.keys(filter);
  if (keys.length > MOST_FILTER_KEYS) {
    report.issue(
      'filter',
      `names ${keys.length} attributes; SNS filters by at most ${MOST_FILTER_KEYS}. Leave some out, and look at them in the handler.`,
    );
  }
  let combinations = 1;
  for (const [key, values] of Object.entries(filter)) {
    if (values.length === 0) {
      report.issue(
        `filter.${key}`,
        'is an empty list, which nothing can match. Give at least one value, or leave the attribute out.',
      );
    }
    combinations *= Math.max(1, values.length);
  }
  if (combinations > MOST_FILTER_COMBINATIONS) {
    report.issue(
      'filter',
      `allows ${combinations} combinations of values; SNS takes at most ${MOST_FILTER_COMBINATIONS}. Shorten its lists.`,
    );
  }
}

/** What EventBridge refuses of patterns whose form is right; the form is checked for every provider. */
function checkPattern(
  report: IssueReport,
  path: string,
  value: JsonValue,
  isOperator = false,
): void {
  if (typeof value === 'number') {
    if (Math.abs(value) > LARGEST_NUMBER) report.issue(path, tooLarge(value));
  } else if (Array.isArray(value)) {
    // Objects in lists are operators; others are fields, whatever their names.
    for (const inner of value) checkPattern(report, path, inner, true);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const problem = isOperator ? operandProblem(key, inner) : undefined;
      if (problem === undefined) checkPattern(report, `${path}.${key}`, inner);
      else report.issue(`${path}.${key}`, problem);
    }
  }
}

function operandProblem(operator: string, operand: JsonValue): string | undefined {
  if (!Array.isArray(operand)) return undefined;
  if (operator === 'anything-but' && new Set(operand.map((value) => typeof value)).size > 1) {
    return 'mixes texts and numbers; EventBridge compares with one kind of them. Leave one kind out, or look at it in the handler.';
  }
  if (operator !== 'numeric' || operand.length !== 4) return undefined;
  const [first, a, second, b] = operand;
  const isUpwards = isOneOf(first, '>', '>=') && isOneOf(second, '<', '<=');
  const isDownwards = isOneOf(first, '<', '<=') && isOneOf(second, '>', '>=');
  const [low, high] = isUpwards ? [a, b] : [b, a];
  return (isUpwards || isDownwards) && Number(low) <= Number(high)
    ? undefined
    : `${JSON.stringify(operand)} is no range that EventBridge takes. Give its lower and its upper end, such as [">=", 0, "<", 10].`;
}

function isOneOf(value: JsonValue | undefined, ...texts: readonly string[]): boolean {
  return typeof value === 'string' && texts.includes(value);
}

function tooLarge(value: number): string {
  return `${value} is outside -5,000,000,000 to 5,000,000,000, the numbers that EventBridge compares. Compare a text instead, or look at it in the handler.`;
}
