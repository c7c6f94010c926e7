/** What a rule makes of an event for a target: the whole, a constant, a part, or a filled-in template. */
import { AwsFault } from '../core/service.ts';
import { isObject, parsed } from './json.ts';
import { atPath, isPath } from './path.ts';

/** An event as it travels over a bus. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface InputTransformer {
  readonly paths: Readonly<Record<string, string>>;
  readonly template: string;
}

export interface TargetInput {
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: InputTransformer;
}

export interface RuleContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestionTime: string;
}

const PLACEHOLDER = /<([^<>]*)>/g;

const RESERVED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/** What the target gets, as text. */
export function targetText(target: TargetInput, event: BusEvent, rule: RuleContext): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) {
    return JSON.stringify(atPath(event, target.inputPath) ?? null);
  }
  if (target.transformer === undefined) return JSON.stringify(event);
  return filled(target.transformer, event, rule);
}

function filled(transformer: InputTransformer, event: BusEvent, rule: RuleContext): string {
  const values = reservedValues(event, rule);
  for (const [name, path] of Object.entries(transformer.paths)) {
    values.set(name, atPath(event, path));
  }
  const text = replaced(transformer.template, (name, isQuoted) => {
    const value = values.get(name) ?? '';
    // EventBridge puts values into strings as they are, without escaping them.
    if (isQuoted) return typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify(value);
  });
  // What goes to the target is minified.
  const json = parsed(text);
  return json === undefined || !isObject(json.value) ? text : JSON.stringify(json.value);
}

function reservedValues(event: BusEvent, rule: RuleContext): Map<string, unknown> {
  // `aws.events.event` comes without the detail, and with the type under another name.
  const { detail: _detail, 'detail-type': detailType, ...head } = event;
  return new Map<string, unknown>([
    ['aws.events.rule-arn', rule.ruleArn],
    ['aws.events.rule-name', rule.ruleName],
    ['aws.events.event.ingestion-time', rule.ingestionTime],
    ['aws.events.event', { ...head, detailType }],
    ['aws.events.event.json', event],
  ]);
}

/** Replaces each placeholder, which may stand within a JSON string or outside of one. */
function replaced(template: string, value: (name: string, isQuoted: boolean) => string): string {
  let isQuoted = false;
  let at = 0;
  let result = '';
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(at, match.index);
    if (unescapedQuotes(before) % 2 === 1) isQuoted = !isQuoted;
    result += before + value(match[1] ?? '', isQuoted);
    at = match.index + match[0].length;
  }
  return result + template.slice(at);
}

function unescapedQuotes(text: string): number {
  return text.replaceAll(/\\./g, '').split('"').length - 1;
}

/** @throws AwsFault ValidationException for a transformer that EventBridge does not take. */
export function checkTransformer(targetId: string, transformer: InputTransformer): void {
  for (const [name, path] of Object.entries(transformer.paths)) {
    if (/^aws/i.test(name)) {
      throw invalid(`InputPathsMap for target ${targetId} contains reserved key ${name}.`);
    }
    if (!isPath(path))
      throw invalid(`InputPathsMap for target ${targetId} contains invalid path ${path}.`);
  }
  for (const [, name = ''] of transformer.template.matchAll(PLACEHOLDER)) {
    if (!(name in transformer.paths) && !RESERVED.has(name)) {
      throw invalid(`InputTemplate for target ${targetId} contains invalid placeholder ${name}.`);
    }
  }
  const sample = replaced(transformer.template, (_name, isQuoted) => (isQuoted ? 'x' : '"x"'));
  const json = parsed(sample);
  if (json === undefined) {
    throw invalid(`Invalid InputTemplate for target ${targetId} : it is not valid JSON.`);
  }
}

function invalid(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}
