/** Names of topics, which queues are too. */
import type { IssueReport } from 'polyfaas/spi';

/** `@vercel/queue`, "Identifier formats". */
const NAME = /^[A-Za-z0-9_-]+$/;
/** No vendor bound is known; so many are in the address of every message. */
const LONGEST = 128;
/** Those of polyfaas's own. */
const RESERVED = /^polyfaas-/i;

export function checkTopicName(report: IssueReport, field: string, name: string): void {
  if (!NAME.test(name) || name.length > LONGEST) {
    report.issue(
      field,
      `"${name}" is no name of a topic of Vercel Queues: 1 to ${LONGEST} letters, digits, "_" and "-". Choose another name.`,
    );
  } else if (RESERVED.test(name)) {
    report.issue(
      field,
      `"${name}" begins with "polyfaas-", and such topics are polyfaas's own. Choose another name.`,
    );
  }
}
