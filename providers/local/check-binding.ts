/** What the local provider cannot do with a binding. */
import {
  type Binding,
  bindingChecker,
  type IssueReport,
  type NormalHttpEvent,
  type SpecIssue,
} from 'polyfaas/spi';
import type { PlatformSettings } from './options.ts';

const fine = (): void => {};

/** Makes the check of one binding against what these settings allow. Pure. */
export function bindingIssues({
  maxBodyBytes,
}: PlatformSettings): (functionName: string, binding: Binding) => readonly SpecIssue[] {
  return bindingChecker({
    http: (report, event) => checkHttp(report, event, maxBodyBytes),
    schedule: fine,
    queue: fine,
    topic: fine,
    object: fine,
    stream: fine,
    table: fine,
    bus: fine,
  });
}

function checkHttp(report: IssueReport, event: NormalHttpEvent, largestBody: number): void {
  const { maxBodyBytes } = event;
  if (maxBodyBytes === undefined || maxBodyBytes <= largestBody) return;
  report.issue(
    'maxBodyBytes',
    `${maxBodyBytes} is more than the ${largestBody} bytes that a request to the local gateway may carry (0 to ${largestBody}). Lower it, or raise providerOptions.local.maxBodyBytes.`,
  );
}
