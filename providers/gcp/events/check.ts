/** What Google Cloud cannot do with a binding. */
import type { Binding, SpecIssue } from 'polyfaas/spi';
import { checkHttp } from './check/http.ts';
import type { Report } from './check/issues.ts';
import { checkBus, checkObject, checkQueue, checkTable, checkTopic } from './check/pushed.ts';
import { checkSchedule } from './check/schedule.ts';

/**
 * Checks one binding against what Google Cloud allows: every problem at once, each with the allowed range and the next step.
 * Pure. What is only not quite as wished is a warning.
 */
export function bindingIssues(functionName: string, binding: Binding): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const path = (field: string): string =>
    `functions.${functionName}.events.${binding.id}${field === '' ? '' : `.${field}`}`;
  const report: Report = {
    issue: (field, message) => void issues.push({ path: path(field), message }),
    warn: (warning, field, message) => void issues.push({ path: path(field), message, warning }),
  };
  check(report, binding.event);
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
      return checkObject(report, event);
    case 'table':
      return checkTable(report, event);
    case 'bus':
      return checkBus(report, event);
    case 'stream':
      break;
  }
  report.issue(
    '',
    'Google Cloud has no stream with shards and positions. Use a queue, whose messages keep their order by group.',
  );
}
