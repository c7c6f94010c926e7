/** Sources whose events come over Pub/Sub. */
import type {
  IssueReport,
  NormalBusEvent,
  NormalObjectEvent,
  NormalQueueEvent,
  NormalTableEvent,
  NormalTopicEvent,
} from 'polyfaas/spi';
import { busFilter } from '../bus/filter.ts';
import { fitsWhole } from '../topic/filter.ts';
import { checkDelivery, checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** What a queue and a table have that do not say. */
const DEFAULT_BATCH = { queue: 10, table: 100 } as const;
/** Names of objects have at most 1,024 bytes ("About Cloud Storage objects"). */
const LONGEST_KEY = 1024;
/** Keys of attributes have at most 256 bytes, and values 1,024 ("Pub/Sub quotas and limits"). */
const LONGEST_ATTRIBUTE = 256;
const LONGEST_VALUE = 1024;

export function checkQueue(report: IssueReport, event: NormalQueueEvent): void {
  const { queue, create } = event;
  checkSource(report, 'queue', SOURCE_RULES.queue, { name: queue, create });
  checkDelivery(report, event);
  checkBatch(report, event);
}

export function checkTopic(report: IssueReport, event: NormalTopicEvent): void {
  const { topic, create, filter = {} } = event;
  checkSource(report, 'topic', SOURCE_RULES.topic, { name: topic, create });
  checkDelivery(report, event);
  for (const [key, values] of Object.entries(filter)) checkAttribute(report, key, values);
  if (!fitsWhole(filter)) {
    report.warn(
      'emulated',
      'filter',
      'has more than the 256 bytes that a filter of Pub/Sub may have, so the function is called for more messages and looks at the rest of the filter itself, before the handler.',
    );
  }
}

function checkAttribute(report: IssueReport, key: string, values: readonly string[]): void {
  if (key === '' || key.startsWith('goog') || Buffer.byteLength(key) > LONGEST_ATTRIBUTE) {
    report.issue(
      'filter',
      `"${key}" is no attribute that a message of Pub/Sub can have: 1 to ${LONGEST_ATTRIBUTE} bytes, and not beginning with "goog". Name another one.`,
    );
  }
  const long = values.find((value) => Buffer.byteLength(value) > LONGEST_VALUE);
  if (long === undefined) return;
  report.issue(
    'filter',
    `a value of "${key}" has ${Buffer.byteLength(long)} bytes, and attributes of Pub/Sub have at most ${LONGEST_VALUE}. Shorten it.`,
  );
}

export function checkObject(report: IssueReport, event: NormalObjectEvent): void {
  const { bucket, create } = event;
  checkSource(report, 'bucket', SOURCE_RULES.bucket, { name: bucket, create });
  for (const field of ['prefix', 'suffix'] as const) {
    const length = Buffer.byteLength(event[field]);
    if (length > LONGEST_KEY) {
      report.issue(
        field,
        `has ${length} bytes, and the name of an object has at most ${LONGEST_KEY}. Shorten it.`,
      );
    }
  }
  checkDelivery(report, event);
}

export function checkTable(report: IssueReport, event: NormalTableEvent): void {
  const { table, from } = event;
  // There is nothing to make: a collection is there once it has a document.
  checkSource(report, 'table', SOURCE_RULES.table, { name: table, create: false });
  if (from === 'oldest') {
    report.issue(
      'from',
      '"oldest" cannot be had: Firestore tells of changes from when it is asked to, and keeps none. Use "latest", and read what is there already once.',
    );
  }
  checkDelivery(report, event);
  checkBatch(report, event);
}

export function checkBus(report: IssueReport, event: NormalBusEvent): void {
  const { bus, create, pattern } = event;
  checkSource(report, 'bus', SOURCE_RULES.bus, { name: bus, create });
  checkDelivery(report, event);
  const isFiltered = busFilter(pattern, bus) !== '';
  if (Object.keys(pattern).length > 0 && (!isFiltered || pattern.data !== undefined)) {
    report.warn(
      'emulated',
      'pattern',
      'filters of Pub/Sub cannot say all of it, so the function is called for more events and looks at the rest of the pattern itself, before the handler.',
    );
  }
}

/** Pub/Sub pushes one message at a time ("Push subscriptions"). */
function checkBatch(report: IssueReport, event: NormalQueueEvent | NormalTableEvent): void {
  const { type, batchSize, batchWindowSeconds } = event;
  if (batchSize > 1 && batchSize !== DEFAULT_BATCH[type]) {
    report.warn(
      'ignored',
      'batchSize',
      `${batchSize} is ignored: Pub/Sub pushes one message at a time, and as many at once as instances take (concurrency, maxInstances). Set it to 1.`,
    );
  }
  if (batchWindowSeconds > 0) {
    report.warn(
      'ignored',
      'batchWindowSeconds',
      `${batchWindowSeconds} is ignored: Pub/Sub does not wait for a batch to fill. Set it to 0.`,
    );
  }
}
