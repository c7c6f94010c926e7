import type { RetryPolicy, SpecIssue } from 'polyfaas/spi';
import { isNative, parseArmId, type NativeKind } from '../arm-id.ts';
import { SOURCE_RULES, type SourceRule } from './names.ts';

/** Collects what is wrong with one binding. */
export interface Report {
  /** @param field Below the binding: `queue`, `retry.maxAttempts`; empty for the binding itself. */
  issue(field: string, message: string): void;
  warn(warning: NonNullable<SpecIssue['warning']>, field: string, message: string): void;
}

/** What queues, topics, buckets, streams, tables and buses share. */
export interface Delivered {
  readonly create: boolean;
  readonly retry: RetryPolicy;
  readonly deadLetter?: string;
}

export function checkSource(
  report: Report,
  field: string,
  rule: SourceRule,
  source: { readonly name: string; readonly create: boolean },
): void {
  const problem = sourceProblem(rule, source.name, source.create);
  if (problem !== undefined) report.issue(field, problem);
}

export function checkDeadLetter(report: Report, { deadLetter }: Delivered): void {
  if (deadLetter === undefined) return;
  // A dead-letter queue with an id may stand beside a source that is made.
  checkSource(report, 'deadLetter', SOURCE_RULES.queue, { name: deadLetter, create: false });
}

function sourceProblem(rule: SourceRule, name: string, create: boolean): string | undefined {
  if (!isNative(name)) {
    if (rule.pattern.test(name)) return undefined;
    return `"${name}" is no name that Azure takes: ${rule.rule}. Choose another name, or give a resource id such as ${rule.example}.`;
  }
  const kinds: readonly (NativeKind | undefined)[] = rule.kinds;
  if (!kinds.includes(parseArmId(name)?.kind)) {
    return `"${name}" is no resource id of this kind of source. Give one such as ${rule.example}, or a plain name.`;
  }
  return create
    ? `"${name}" is a resource id, and "create" makes sources by plain name. Give the plain name, or set create to false.`
    : undefined;
}

/** Only delays that somebody asked for: the defaults are no wish. */
export function asksForDelays(retry: RetryPolicy): boolean {
  const isDefault =
    retry.delaySeconds === 1 &&
    retry.backoff === 'exponential' &&
    retry.maxDelaySeconds === 900 &&
    retry.jitter;
  return !isDefault && retry.maxAttempts > 1;
}

export function warnOfDelays(
  report: Report,
  retry: RetryPolicy,
  fields: string,
  why: string,
): void {
  if (!asksForDelays(retry)) return;
  report.warn('ignored', 'retry', `${fields} ignored: ${why}. maxAttempts holds.`);
}
