import { asyncDestinations, type AsyncPolicy, reportTo, type SpecIssue } from 'polyfaas/spi';
import { checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** Checks the destinations of asynchronous invocations as sources are checked, by paths from `functions.<functionName>.async`. */
export function asyncIssues(functionName: string, async: AsyncPolicy): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const report = reportTo(issues, `functions.${functionName}.async`);
  for (const { field, type, name } of asyncDestinations(async)) {
    checkSource(report, `${field}.name`, SOURCE_RULES[type], { name, create: false });
  }
  return issues;
}
