/** What the services answer when something is missing, is there already, or is not known everywhere yet. */
import { ServerlessError, type ErrorCode } from 'polyfaas/spi';
import type { Target } from '../model.ts';

export { isNamed } from '../errors.ts';
export { ifThere, unlessMissing } from '../replies.ts';

export function says(error: unknown, ...texts: readonly string[]): boolean {
  return error instanceof Error && texts.some((text) => error.message.includes(text));
}

export function refusal(
  target: Pick<Target, 'ref'>,
  code: ErrorCode,
  message: string,
  cause?: unknown,
): ServerlessError {
  return new ServerlessError({ code, function: target.ref.name, message, cause });
}
