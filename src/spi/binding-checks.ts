/** How adapters tell what their platform cannot do with what users ask for. */
import type {
  Binding,
  NormalBusEvent,
  NormalHttpEvent,
  NormalObjectEvent,
  NormalQueueEvent,
  NormalScheduleEvent,
  NormalStreamEvent,
  NormalTableEvent,
  NormalTopicEvent,
} from './bindings.ts';
import type { SpecIssue } from './provider.ts';

/** Collects what is wrong below one path. */
export interface IssueReport {
  /** @param field below the path: `queue`, `retry.maxAttempts`; empty for the path itself. */
  issue(field: string, message: string): void;
  /** What is only not quite as wished. */
  warn(warning: NonNullable<SpecIssue['warning']>, field: string, message: string): void;
}

/**
 * Writes into a list.
 *
 * @param below the path, such as `functions.orders.async`.
 */
export function reportTo(issues: SpecIssue[], below: string): IssueReport {
  const path = (field: string): string => (field === '' ? below : `${below}.${field}`);
  return {
    issue: (field, message) => void issues.push({ path: path(field), message }),
    warn: (warning, field, message) => void issues.push({ path: path(field), message, warning }),
  };
}

interface NormalEvents {
  http: NormalHttpEvent;
  schedule: NormalScheduleEvent;
  queue: NormalQueueEvent;
  topic: NormalTopicEvent;
  object: NormalObjectEvent;
  stream: NormalStreamEvent;
  table: NormalTableEvent;
  bus: NormalBusEvent;
}

/** For each kind of event, what looks at it. */
export type BindingChecks = {
  readonly [Type in keyof NormalEvents]: (report: IssueReport, event: NormalEvents[Type]) => void;
};

/**
 * Makes the `validateBinding` of an adapter: every problem at once, each with the allowed range and the next step.
 *
 * @example
 * ```ts
 * import { type BindingChecks, bindingChecker } from 'polyfaas/spi';
 *
 * const fine = (): void => {};
 * const checks: BindingChecks = {
 *   http: fine,
 *   schedule: (report, { timezone }) => {
 *     if (timezone !== 'UTC') report.issue('timezone', `"${timezone}" is not UTC, the only one there is.`);
 *   },
 *   queue: fine,
 *   topic: fine,
 *   object: fine,
 *   stream: (report) => report.issue('', 'There are no streams. Use a queue.'),
 *   table: fine,
 *   bus: fine,
 * };
 * export const validateBinding = bindingChecker(checks);
 * ```
 */
export function bindingChecker(
  checks: BindingChecks,
): (functionName: string, binding: Binding) => readonly SpecIssue[] {
  const check = <Type extends keyof NormalEvents>(
    report: IssueReport,
    type: Type,
    event: NormalEvents[Type],
  ): void => checks[type](report, event);
  return (functionName, { id, event }) => {
    const issues: SpecIssue[] = [];
    check(reportTo(issues, `functions.${functionName}.events.${id}`), event.type, event);
    return issues;
  };
}
