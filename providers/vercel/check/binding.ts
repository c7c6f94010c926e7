/** What Vercel cannot do with a binding. */
import type { Binding, SpecIssue } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';
import { checkHttp } from './http.ts';
import { checkQueue, checkTopic } from './queue.ts';
import { reportTo, type Report } from './report.ts';
import { checkSchedule } from './schedule.ts';

/**
 * Checks one binding against what Vercel allows: every problem at once, each with the allowed range and the next step.
 * Pure. What is only not quite as wished is a warning.
 */
export function bindingIssues(functionName: string, binding: Binding): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  check(reportTo(issues, `functions.${functionName}.events.${binding.id}`), binding.event);
  return issues;
}

function check(report: Report, event: Binding['event']): void {
  switch (event.type) {
    case 'http':
      return checkHttp(report, event);
    case 'schedule':
      return checkSchedule(report, event);
    case 'queue':
      return checkQueue(report, event);
    case 'topic':
      return checkTopic(report, event);
    case 'object':
    case 'stream':
    case 'table':
    case 'bus':
      break;
  }
  const row = CAPABILITIES.features[`event.${event.type}`];
  if (row.support === 'none') report.issue('', row.why);
}
