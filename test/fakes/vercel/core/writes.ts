/** Which calls change something. Asking for metrics changes nothing that is deployed. */

const READS = [/^\/metrics\//, /^\/v\d+\/observability\//, /\/crons\/run$/];

export function isApiWrite(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  return !READS.some((pattern) => pattern.test(path));
}
