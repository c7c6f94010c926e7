/** Names as AWS writes them. The account is made up: outside AWS there is none. */
export const ACCOUNT_ID = '000000000000';

/** @param resource such as `function:orders`. */
export function arn(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${ACCOUNT_ID}:${resource}`;
}
