import type { IssueReport, NormalHttpEvent } from 'polyfaas/spi';
import { BODY_BYTES } from '../limits.ts';
import { RESERVED_PATH } from '../manifest.ts';

const OWN = RESERVED_PATH.slice(0, -1);
/** Answered before the function is reached: Vercel's own ("Reserved paths"). */
const TAKEN = ['/_vercel', '/.well-known/vercel'];

export function checkHttp(report: IssueReport, { path, maxBodyBytes }: NormalHttpEvent): void {
  const taken = [OWN, ...TAKEN].find((one) => path === one || path.startsWith(`${one}/`));
  if (taken !== undefined) {
    report.issue(
      'path',
      `"${path}" is below "${taken}", which ${taken === OWN ? 'polyfaas' : 'Vercel'} answers itself. Choose another path; taken are ${[OWN, ...TAKEN].map((one) => `"${one}"`).join(', ')}.`,
    );
  }
  if (maxBodyBytes !== undefined && maxBodyBytes > BODY_BYTES) {
    report.issue(
      'maxBodyBytes',
      `${maxBodyBytes} is more than the ${BODY_BYTES} bytes that a request to a Vercel Function may carry (0 to ${BODY_BYTES}). Lower it, and have large files uploaded to Vercel Blob.`,
    );
  }
}
