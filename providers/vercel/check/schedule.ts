import type { IssueReport, NormalScheduleEvent } from 'polyfaas/spi';
import { cronOf } from '../events/cron.ts';

/** It is kept in the record of the function, which is one variable of the project. */
const LARGEST_INPUT = 16_384;

export function checkSchedule(report: IssueReport, { when, input }: NormalScheduleEvent): void {
  const { problem } = cronOf(when);
  if (problem !== undefined) report.issue('cron' in when ? 'cron' : 'every', problem);
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > LARGEST_INPUT) {
    report.issue(
      'input',
      `has ${bytes} bytes as JSON, and at most ${LARGEST_INPUT} are kept. Put it into the environment or a store, and its name into the input.`,
    );
  }
}
