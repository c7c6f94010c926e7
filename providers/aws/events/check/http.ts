import type { IssueReport, NormalHttpEvent } from 'polyfaas/spi';

/** Lambda quotas: 6 MB for the payload of a synchronous call, which the request is wrapped in. */
const LARGEST_BODY = 6 * 1024 * 1024;
/** API Gateway quotas of an account and region: 10,000 requests a second, bursts of 5,000. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5000;
/** API Gateway quotas of an HTTP API: 50 audiences per authorizer, 10 scopes per route. */
const MOST_AUDIENCES = 50;
const MOST_SCOPES = 10;

export function checkHttp(report: IssueReport, event: NormalHttpEvent): void {
  const { maxBodyBytes, rateLimit } = event;
  if (maxBodyBytes !== undefined && maxBodyBytes > LARGEST_BODY) {
    report.issue(
      'maxBodyBytes',
      `${maxBodyBytes} is more than the ${LARGEST_BODY} bytes that a call of a function may carry (0 to ${LARGEST_BODY}; binary bodies grow by a third on the way). Lower it, and have large files uploaded to a bucket.`,
    );
  }
  if (rateLimit !== undefined && rateLimit.requestsPerSecond > ACCOUNT_RATE) {
    report.warn(
      'limit',
      'rateLimit.requestsPerSecond',
      `${rateLimit.requestsPerSecond} is more than the ${ACCOUNT_RATE} requests a second that API Gateway takes for a whole account, unless that quota was raised.`,
    );
  }
  if (rateLimit !== undefined && rateLimit.burst > ACCOUNT_BURST) {
    report.warn(
      'limit',
      'rateLimit.burst',
      `${rateLimit.burst} is more than the burst of ${ACCOUNT_BURST} that API Gateway takes for a whole account, unless that quota was raised.`,
    );
  }
  checkJwt(report, event.jwt);
}

function checkJwt(report: IssueReport, jwt: NormalHttpEvent['jwt']): void {
  if (jwt === undefined) return;
  const { issuer, audience, jwksUri, scopes = [] } = jwt;
  if (!isReachable(issuer)) {
    report.issue(
      'jwt.issuer',
      `"${issuer}" is no https address, and API Gateway asks issuers over https only. Give the issuer's https address.`,
    );
  }
  const standard = `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  if (jwksUri !== standard) {
    report.issue(
      'jwt.jwksUri',
      `"${jwksUri}" cannot be set: API Gateway finds the keys by the issuer's own <issuer>/.well-known/openid-configuration. Leave jwksUri out, and see that the issuer has that document.`,
    );
  }
  if (audience.length > MOST_AUDIENCES) {
    report.issue(
      'jwt.audience',
      `has ${audience.length} entries; an authorizer of API Gateway has at most ${MOST_AUDIENCES}. Shorten it.`,
    );
  }
  if (scopes.length > MOST_SCOPES) {
    report.issue(
      'jwt.scopes',
      `has ${scopes.length} entries; a route of API Gateway has at most ${MOST_SCOPES}. Shorten it, and check the rest in the handler.`,
    );
  }
}

/** Plain http is for tests on the own machine. */
function isReachable(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || hostname === '127.0.0.1' || hostname === 'localhost';
}
