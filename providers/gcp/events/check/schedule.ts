import type { IssueReport, NormalScheduleEvent } from 'polyfaas/spi';
import { unixCron } from '../schedule/unix-cron.ts';

/** The body of a job's request ("Cloud Scheduler quotas and limits", job size). */
const LARGEST_INPUT = 1_000_000;

export function checkSchedule(report: IssueReport, { when, input }: NormalScheduleEvent): void {
  const { problem } = unixCron(when);
  if (problem !== undefined) report.issue('cron' in when ? 'cron' : 'every', problem);
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > LARGEST_INPUT) {
    report.issue(
      'input',
      `has ${bytes} bytes as JSON, and a job of Cloud Scheduler takes ${LARGEST_INPUT}. Put it into a bucket, and its name into the input.`,
    );
  }
}
