/** What AWS cannot do with a binding. */
import { bindingChecker } from 'polyfaas/spi';
import { checkHttp } from './check/http.ts';
import { checkQueue, checkStream, checkTable } from './check/pull.ts';
import { checkBus, checkObject, checkTopic } from './check/push.ts';
import { checkSchedule } from './check/schedule.ts';

/** Pure. Checks one binding against what AWS allows. */
export const bindingIssues = bindingChecker({
  http: checkHttp,
  schedule: checkSchedule,
  queue: checkQueue,
  topic: checkTopic,
  object: checkObject,
  stream: checkStream,
  table: checkTable,
  bus: checkBus,
});
