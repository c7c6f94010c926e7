/** The check that every protocol makes before an operation runs. */
import { AwsFault, type WireRequest } from './service.ts';

/** How a service says that a caller may not do something. */
export interface Denial {
  readonly status: number;
  readonly code: string;
}

/** Throws the denial when the caller is a role whose policies do not allow the action. */
export function enforce(
  request: WireRequest,
  action: string | undefined,
  resource: string,
  denial: Denial,
): void {
  if (action === undefined || request.caller.kind !== 'role' || !request.allows) return;
  if (request.allows(action, resource)) return;
  throw new AwsFault(
    denial.status,
    denial.code,
    `User: ${request.caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}

/** The fault to answer with: an error that is no `AwsFault` is a fault of the fake itself, and is told loudly. */
export function faultOf(error: unknown): AwsFault {
  if (error instanceof AwsFault) return error;
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsFault(500, 'InternalFailure', `The fake failed: ${told}`);
}
