/** What every platform says of what is not there. */
import { ServerlessError } from '../errors/index.ts';
import type { FunctionRef } from './plan.ts';

/**
 * A function that was never deployed, was removed, or is somebody else's: `NOT_FOUND`.
 *
 * @param provider its name.
 * @param next what to do. Default: to deploy it first.
 */
export function notDeployed(
  provider: string,
  ref: FunctionRef,
  next = `Call deploy("${ref.name}") first.`,
): ServerlessError {
  return new ServerlessError({
    code: 'NOT_FOUND',
    provider,
    function: ref.name,
    message: `"${ref.name}" is not deployed in app "${ref.app}", stage "${ref.stage}" on ${provider}. ${next}`,
    // Tells it from a version, a queue or whatever else is not found.
    details: { notDeployed: true },
  });
}

/** True for what {@link notDeployed} made. */
export function isNotDeployed(error: unknown): error is ServerlessError {
  return ServerlessError.isInstance(error) && error.details?.['notDeployed'] === true;
}

/**
 * A version that never was, or is kept no longer: `NOT_FOUND`.
 *
 * @param provider its name.
 * @param kept those that there are, where they are known. Default: the message says how to find out.
 */
export function noSuchVersion(
  provider: string,
  { name }: Pick<FunctionRef, 'name'>,
  version: string,
  kept?: readonly string[],
): ServerlessError {
  const rest =
    kept === undefined
      ? `. describe("${name}") lists those that it keeps.`
      : `; kept: ${kept.length === 0 ? 'none' : kept.join(', ')}.`;
  return new ServerlessError({
    code: 'NOT_FOUND',
    provider,
    function: name,
    message: `"${name}" keeps no version "${version}"${rest}`,
  });
}
