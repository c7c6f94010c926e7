/** The errors of Lambda, in its own words. */
import { AwsFault } from '../core/service.ts';

export function invalidParameter(message: string): AwsFault {
  return new AwsFault(400, 'InvalidParameterValueException', message, { fields: { Type: 'User' } });
}

export function notFound(message: string): AwsFault {
  return new AwsFault(404, 'ResourceNotFoundException', message, { fields: { Type: 'User' } });
}

export function functionNotFound(arn: string): AwsFault {
  return notFound(`Function not found: ${arn}`);
}

export function conflict(message: string): AwsFault {
  return new AwsFault(409, 'ResourceConflictException', message, { fields: { Type: 'User' } });
}

/** A write, or a call, while the function is still being made. */
export function notReady(state: string): AwsFault {
  return conflict(
    `The operation cannot be performed at this time. The function is currently in the following state: ${state}`,
  );
}

/** A write while another is under way. */
export function updateInProgress(arn: string): AwsFault {
  return conflict(
    `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`,
  );
}

export function preconditionFailed(what: 'function' | 'alias' | 'policy'): AwsFault {
  const message =
    what === 'policy'
      ? 'The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest RevisionId.'
      : 'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id';
  return new AwsFault(412, 'PreconditionFailedException', message, { fields: { Type: 'User' } });
}

export function tooLarge(limit: number, operation: string): AwsFault {
  const code =
    operation === 'InvokeFunction' ? 'RequestTooLargeException' : 'RequestEntityTooLargeException';
  return new AwsFault(
    413,
    code,
    `Request must be smaller than ${limit} bytes for the ${operation} operation`,
    { fields: { Type: 'User' } },
  );
}
