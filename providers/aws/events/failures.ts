/** What the services answer when something is missing, is there already, or is not known everywhere yet. */
import { ServerlessError, type ErrorCode } from 'polyfaas/spi';
import type { Target } from '../model.ts';

const MISSING: ReadonlySet<string> = new Set([
  'ResourceNotFoundException',
  'NotFoundException',
  'NotFound',
  'NoSuchEntityException',
  'NoSuchEntity',
  'NoSuchBucket',
  'NoSuchTagSet',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

export function isNamed(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

export function isMissing(error: unknown): error is Error {
  return error instanceof Error && MISSING.has(error.name);
}

export function says(error: unknown, ...texts: readonly string[]): boolean {
  return error instanceof Error && texts.some((text) => error.message.includes(text));
}

/** The value, or undefined when the service says that there is no such thing. */
export async function ifThere<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** True when it was there to be done. */
export async function unlessMissing(done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export function refusal(
  target: Pick<Target, 'ref'>,
  code: ErrorCode,
  message: string,
  cause?: unknown,
): ServerlessError {
  return new ServerlessError({ code, function: target.ref.name, message, cause });
}
