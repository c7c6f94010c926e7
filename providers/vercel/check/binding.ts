/** What Vercel cannot do with a binding. */
import { bindingChecker, type IssueReport, type NormalEvent } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';
import { checkHttp } from './http.ts';
import { checkQueue, checkTopic } from './queue.ts';
import { checkSchedule } from './schedule.ts';

/** Pure. Checks one binding against what Vercel allows. */
export const bindingIssues = bindingChecker({
  http: checkHttp,
  schedule: checkSchedule,
  queue: checkQueue,
  topic: checkTopic,
  object: isMissing,
  stream: isMissing,
  table: isMissing,
  bus: isMissing,
});

function isMissing(report: IssueReport, { type }: Pick<NormalEvent, 'type'>): void {
  const row = CAPABILITIES.features[`event.${type}`];
  if (row.support === 'none') report.issue('', row.why);
}
