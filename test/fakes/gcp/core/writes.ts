/** Which calls change something. Sending a message, a query or an invocation changes nothing that is deployed. */
import type { RestCall } from './ports.ts';

/** Custom verbs that only read, or only send. */
const READS =
  /:(?:get|list|test|query|search|batchGet|runQuery|access|publish|pull|acknowledge|modifyAckDeadline|run|generate|sign)[A-Za-z]*$/;

export function isApiWrite({
  api,
  method,
  path,
}: Pick<RestCall, 'api' | 'method' | 'path'>): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  if (api === 'logging' || api === 'monitoring' || api === 'iamcredentials') return false;
  return method !== 'POST' || !READS.test(path);
}
