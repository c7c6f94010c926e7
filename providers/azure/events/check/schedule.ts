import type { IssueReport, NormalScheduleEvent } from 'polyfaas/spi';
import { ncrontab } from '../schedule/ncrontab.ts';

export function checkSchedule(report: IssueReport, { when, timezone }: NormalScheduleEvent): void {
  const { problem } = ncrontab(when);
  if (problem !== undefined) report.issue('cron' in when ? 'cron' : 'every', problem);
  if (!isUtc(timezone)) {
    report.issue(
      'timezone',
      `"${timezone}" cannot be used: the timer of Azure Functions on Linux knows UTC alone. Give the times in UTC, and declare two schedules, or look at the local time in the handler, where summer time matters.`,
    );
  }
}

function isUtc(timezone: string): boolean {
  const { timeZone } = Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions();
  return timeZone === 'UTC';
}
