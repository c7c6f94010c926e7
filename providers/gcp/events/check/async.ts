import { type AsyncPolicy, reportTo, type SpecIssue } from 'polyfaas/spi';
import { checkRetry, checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

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
    if (destination === undefined) continue;
    const { name } = destination;
    checkSource(report, `${field}.name`, SOURCE_RULES.topic, { name, create: false });
  }
  return issues;
}
