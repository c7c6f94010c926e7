import type { IssueReport, NormalHttpEvent } from 'polyfaas/spi';

/** The Functions host takes no larger body of a request ("Azure Functions HTTP trigger", limits). */
const LARGEST_BODY = 100 * 1024 * 1024;
/** The Functions host answers below the first two itself; the third is the adapter's own. */
const TAKEN = ['admin', 'runtime', 'polyfaas'];

export function checkHttp(report: IssueReport, { path, maxBodyBytes }: NormalHttpEvent): void {
  const first = (path.split('/')[1] ?? '').toLowerCase();
  if (TAKEN.includes(first)) {
    report.issue(
      'path',
      `"${path}" is below "/${first}", which Azure Functions or polyfaas answers itself (${TAKEN.map((one) => `"/${one}"`).join(', ')}, in any case). Choose another path.`,
    );
  }
  if (maxBodyBytes !== undefined && maxBodyBytes > LARGEST_BODY) {
    report.issue(
      'maxBodyBytes',
      `${maxBodyBytes} is more than the ${LARGEST_BODY} bytes that a request to Azure Functions may carry (0 to ${LARGEST_BODY}). Lower it, and have large files uploaded to a container.`,
    );
  }
}
