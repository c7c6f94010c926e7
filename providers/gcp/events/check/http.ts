import type { IssueReport, NormalHttpEvent } from 'polyfaas/spi';
import { RESERVED_PATH } from '../../manifest.ts';

/** Cloud Run: the largest body of a request over HTTP/1 ("Cloud Run quotas and limits"). */
const LARGEST_BODY = 33_554_432;
/** Answered before the code is reached: by Cloud Run ("Known issues", reserved URL paths), and by the functions framework. */
const TAKEN = ['/_ah', '/eventlog', '/favicon.ico', '/robots.txt'];

export function checkHttp(report: IssueReport, { path, maxBodyBytes }: NormalHttpEvent): void {
  const own = RESERVED_PATH.slice(0, -1);
  const taken = [own, ...TAKEN].find((one) => path === one || path.startsWith(`${one}/`));
  if (taken !== undefined) {
    report.issue(
      'path',
      `"${path}" is below "${taken}", which ${taken === own ? 'polyfaas' : 'Google'} answers itself. Choose another path; taken are ${[own, ...TAKEN].map((one) => `"${one}"`).join(', ')}.`,
    );
  } else if (path.endsWith('z')) {
    report.warn(
      'limit',
      'path',
      `"${path}" ends with "z": Cloud Run keeps some such paths for itself, "/healthz" among them, and they never reach the function. Choose another path.`,
    );
  }
  if (maxBodyBytes !== undefined && maxBodyBytes > LARGEST_BODY) {
    report.issue(
      'maxBodyBytes',
      `${maxBodyBytes} is more than the ${LARGEST_BODY} bytes that a request to Cloud Run may carry (0 to ${LARGEST_BODY}). Lower it, and have large files uploaded to a bucket.`,
    );
  }
}
