/** Builds and revisions that failed, and what of it is whose: the user's code, a permission, or Google. */
import type { Classification } from 'polyfaas/spi';

/** What Cloud Build ends with when the cause is not in the source. */
const NOT_THE_CODE = /status: (?:INTERNAL_ERROR|TIMEOUT|EXPIRED|CANCELLED|STATUS_UNKNOWN)\b/i;

/**
 * What a failed build says; undefined for anything else. Sources: the errors of `createFunction` and `updateFunction`
 * operations ("Troubleshoot Cloud Run functions").
 */
export function classifyBuild(message: string, fallbackLog = ''): Classification | undefined {
  const log = logIn(message) ?? fallbackLog;
  const where = log === '' ? '' : ` Its log: ${log}`;
  const said = withoutLogs(message);
  if (/Build failed|Could not build the function|build error details/i.test(message)) {
    if (/missing permission on the build service account/i.test(message)) {
      return {
        code: 'PERMISSION_DENIED',
        retryable: false,
        message: `The service account that builds lacks roles: give it roles/cloudbuild.builds.builder, or name another one in providerOptions.gcp.buildServiceAccount. Google says: ${said}${where}`,
      };
    }
    if (NOT_THE_CODE.test(message)) {
      return {
        code: 'UNAVAILABLE',
        retryable: false,
        message: `Cloud Build did not finish the build, and your code is not the reason. Run the same operation again. Google says: ${said}${where}`,
      };
    }
    return {
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `The build failed: ${said}${where}`,
    };
  }
  if (/Memory limit of .+ exceeded/i.test(message)) {
    return {
      code: 'FUNCTION_FAILED',
      retryable: false,
      message: `The new version did not start: it used more memory than it has. Raise memoryMb, or load less outside the handlers. Google says: ${said}${where}`,
    };
  }
  if (
    /Container Healthcheck failed|failed to start and listen|failed the configured startup probe/i.test(
      message,
    )
  ) {
    return {
      code: 'FUNCTION_FAILED',
      retryable: false,
      message: `The new version did not start: its process ended, or did not listen, before it was ready. The code outside the handlers may have failed, or memoryMb may be too small. Google says: ${said}${where}`,
    };
  }
  return undefined;
}

/** The address of the log that a message names. */
export function logIn(message: string): string | undefined {
  return /https:\/\/console\.cloud\.google\.com\/[^\s"'<>]+/
    .exec(message)?.[0]
    .replace(/[.,;)]+$/, '');
}

/** The sentences that only tell where logs are. */
function withoutLogs(message: string): string {
  return message
    .replaceAll(
      /\s*(?:For more details see the logs at|Refer to build logs:?|Logs URL:|Please check the logs at)\s*https:\/\/\S+/gi,
      '',
    )
    .replaceAll(/\s*For more troubleshooting guidance, see https:\/\/\S+/gi, '')
    .trim();
}
