import type { IssueReport, NormalScheduleEvent } from 'polyfaas/spi';
import { scheduleExpression } from '../schedule/cron.ts';
import { scheduleInput } from '../schedule/input.ts';

/** What Lambda takes of an asynchronous call (Lambda quotas, 1 MB), less room for what is put around the input. */
const LONGEST_INPUT = 256 * 1024 - 1024;

export function checkSchedule(report: IssueReport, event: NormalScheduleEvent): void {
  const { problem } = scheduleExpression(event.when);
  if (problem !== undefined) report.issue('cron' in event.when ? 'cron' : 'every', problem);
  const bytes = Buffer.byteLength(scheduleInput(event.input));
  if (bytes > LONGEST_INPUT) {
    report.issue(
      'input',
      `has ${bytes} bytes of JSON, with each "<" as \\u003c; EventBridge Scheduler sends at most ${LONGEST_INPUT}. Put it into a bucket and send its name.`,
    );
  }
}
