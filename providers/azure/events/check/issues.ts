import type { Delivered, IssueReport, RetryPolicy } from 'polyfaas/spi';
import { isNative, parseArmId, type NativeKind } from '../arm-id.ts';
import { SOURCE_RULES, type SourceRule } from './names.ts';

export function checkSource(
  report: IssueReport,
  field: string,
  rule: SourceRule,
  source: { readonly name: string; readonly create: boolean },
): void {
  const problem = sourceProblem(rule, source.name, source.create);
  if (problem !== undefined) report.issue(field, problem);
}

export function checkDeadLetter(report: IssueReport, { deadLetter }: Delivered): void {
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
  report: IssueReport,
  retry: RetryPolicy,
  fields: string,
  why: string,
): void {
  if (!asksForDelays(retry)) return;
  report.warn('ignored', 'retry', `${fields} ignored: ${why}. maxAttempts holds.`);
}
