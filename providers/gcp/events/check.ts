/** What Google Cloud cannot do with a binding. */
import { bindingChecker, type IssueReport } from 'polyfaas/spi';
import { checkHttp } from './check/http.ts';
import { checkBus, checkObject, checkQueue, checkTable, checkTopic } from './check/pushed.ts';
import { checkSchedule } from './check/schedule.ts';

/** Pure. Checks one binding against what Google Cloud allows. */
export const bindingIssues = bindingChecker({
  http: checkHttp,
  schedule: checkSchedule,
  queue: checkQueue,
  topic: checkTopic,
  object: checkObject,
  stream: noStream,
  table: checkTable,
  bus: checkBus,
});

function noStream(report: IssueReport): void {
  report.issue(
    '',
    'Google Cloud has no stream with shards and positions. Use a queue, whose messages keep their order by group.',
  );
}
