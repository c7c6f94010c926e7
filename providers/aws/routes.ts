/** Routes answer only as long as their front waits. */
import type { Binding, SpecIssue } from 'polyfaas/spi';
import { HTTP_API_SECONDS } from './capabilities.ts';
import { httpMode } from './events/http/mode.ts';

/** What is wrong with routes to a function that may take so long. */
export function routeIssues(
  functionName: string,
  timeoutSeconds: number,
  bindings: readonly Binding[],
): readonly SpecIssue[] {
  if (timeoutSeconds <= HTTP_API_SECONDS || httpMode(bindings) !== 'api') return [];
  return [
    {
      path: `functions.${functionName}.timeoutSeconds`,
      message: `${timeoutSeconds} is more than the ${HTTP_API_SECONDS} s that an HTTP API of API Gateway waits. Lower it, or declare no route but one for every path and method, without cors, jwt, rateLimit and maxBodyBytes: that one is served by a function URL, which waits 900 s.`,
    },
  ];
}
