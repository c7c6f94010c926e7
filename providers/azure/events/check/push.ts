/** Sources that deliver: topics, buckets, buses. */
import type {
  IssueReport,
  NormalBusEvent,
  NormalObjectEvent,
  NormalTopicEvent,
} from 'polyfaas/spi';
import { advancedFilters } from '../bus/advanced-filters.ts';
import { LONGEST_SQL_FILTER, sqlFilter } from '../topic/sql-filter.ts';
import { checkDeadLetter, checkSource, warnOfDelays } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** Names of blobs have at most 1,024 characters ("Naming and referencing containers, blobs, and metadata"). */
const LONGEST_KEY = 1024;

export function checkTopic(report: IssueReport, event: NormalTopicEvent): void {
  const { topic, create } = event;
  checkSource(report, 'topic', SOURCE_RULES.topic, { name: topic, create });
  checkDeadLetter(report, event);
  const { length } = sqlFilter(event.filter);
  if (length > LONGEST_SQL_FILTER) {
    report.issue(
      'filter',
      `comes to ${length} characters in the SQL of Service Bus; at most ${LONGEST_SQL_FILTER} are allowed. Shorten it, bind the topic twice, or look at the attributes in the handler.`,
    );
  }
  warnOfDelays(
    report,
    event.retry,
    'backoff, delaySeconds, maxDelaySeconds and jitter are',
    'Service Bus delivers a message of a topic again at once',
  );
}

export function checkObject(report: IssueReport, event: NormalObjectEvent): void {
  const { bucket, create } = event;
  checkSource(report, 'bucket', SOURCE_RULES.bucket, { name: bucket, create });
  for (const field of ['prefix', 'suffix'] as const) {
    const { length } = event[field];
    if (length > LONGEST_KEY) {
      report.issue(
        field,
        `has ${length} characters, and the name of an object has at most ${LONGEST_KEY}. Shorten it.`,
      );
    }
  }
  checkDeadLetter(report, event);
}

export function checkBus(report: IssueReport, event: NormalBusEvent): void {
  const { bus, create } = event;
  checkSource(report, 'bus', SOURCE_RULES.bus, { name: bus, create });
  checkDeadLetter(report, event);
  if (!advancedFilters(event.pattern).isWhole) {
    report.warn(
      'emulated',
      'pattern',
      'the filters of Event Grid cannot say all of it, so the function is called for more events and looks at the rest of the pattern itself, before the handler.',
    );
  }
}
