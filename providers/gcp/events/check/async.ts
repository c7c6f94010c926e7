import { asyncDestinations, type AsyncPolicy, reportTo, type SpecIssue } from 'polyfaas/spi';
import { checkRetry, checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** Checks asynchronous invocations as bindings are checked. Paths begin with `functions.<functionName>.async`. */
export function asyncIssues(functionName: string, async: AsyncPolicy): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const report = reportTo(issues, `functions.${functionName}.async`);
  checkRetry(report, async.retry);
  for (const { field, name } of asyncDestinations(async)) {
    checkSource(report, `${field}.name`, SOURCE_RULES.topic, { name, create: false });
  }
  return issues;
}
