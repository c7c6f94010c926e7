/** What Azure cannot do with a binding. */
import type { Binding, SpecIssue } from 'polyfaas/spi';
import { checkHttp } from './check/http.ts';
import type { Report } from './check/issues.ts';
import { checkQueue, checkStream, checkTable } from './check/pull.ts';
import { checkBus, checkObject, checkTopic } from './check/push.ts';
import { checkSchedule } from './check/schedule.ts';

/**
 * Checks one binding against what Azure allows: every problem at once, each with the allowed range and the next step.
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
    case 'stream':
      return checkStream(report, event);
    case 'table':
      return checkTable(report, event);
    case 'topic':
      return checkTopic(report, event);
    case 'object':
      return checkObject(report, event);
    case 'bus':
      break;
  }
  return checkBus(report, event);
}
