import { type AsyncPolicy, reportTo, type SpecIssue } from 'polyfaas/spi';
import { checkRetry } from './retry.ts';
import { checkTopicName } from './topic.ts';

/** Checks asynchronous invocations as bindings are checked. Paths begin with `functions.<functionName>.async`. */
export function asyncIssues(
  functionName: string,
  { retry, onSuccess, onFailure }: AsyncPolicy,
): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const report = reportTo(issues, `functions.${functionName}.async`);
  checkRetry(report, retry);
  for (const [field, destination] of [
    ['onSuccess', onSuccess],
    ['onFailure', onFailure],
  ] as const) {
    if (destination !== undefined) checkTopicName(report, `${field}.name`, destination.name);
  }
  return issues;
}
