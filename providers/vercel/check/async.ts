import { asyncDestinations, type AsyncPolicy, reportTo, type SpecIssue } from 'polyfaas/spi';
import { checkRetry } from './retry.ts';
import { checkTopicName } from './topic.ts';

/** Checks asynchronous invocations as bindings are checked. Paths begin with `functions.<functionName>.async`. */
export function asyncIssues(functionName: string, async: AsyncPolicy): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const report = reportTo(issues, `functions.${functionName}.async`);
  checkRetry(report, async.retry);
  for (const { field, name } of asyncDestinations(async)) {
    checkTopicName(report, `${field}.name`, name);
  }
  return issues;
}
