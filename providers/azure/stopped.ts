/** Function apps that somebody has stopped: they refuse every request, as they would one with a wrong key. */
import { DirectCallError, type FunctionRef, ServerlessError } from 'polyfaas/spi';

/** What App Service's front says for an app that is stopped, by hand or because a quota is used up. */
const SAYS_STOPPED = /web app is stopped|is currently stopped|site (?:is )?disabled/i;

/** @param siteId `/subscriptions/.../sites/NAME`, or a slot below it. */
export function stoppedError(ref: FunctionRef, siteId: string): ServerlessError {
  const [, group = '', name = ''] =
    /\/resourceGroups\/([^/]+)\/.*\/sites\/([^/]+)/i.exec(siteId) ?? [];
  return new ServerlessError({
    code: 'UNAVAILABLE',
    retryable: false,
    provider: 'azure',
    function: ref.name,
    message: `The function app is stopped. Start it: az functionapp start -g ${group} -n ${name}`,
    details: { didNotRun: true },
  });
}

/** The answer, or in words that tell of it that the app is stopped. */
export async function unlessStopped<Answer>(
  { ref, siteId }: { readonly ref: FunctionRef; readonly siteId: string },
  answer: Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw isOfStopped(error) ? stoppedError(ref, siteId) : error;
  }
}

function isOfStopped(error: unknown): boolean {
  return (
    error instanceof DirectCallError &&
    error.refused === undefined &&
    error.status === 403 &&
    SAYS_STOPPED.test(error.body)
  );
}
