/** The faults of SNS. */
import { AwsFault } from '../core/service.ts';

export function invalidParameter(reason: string): AwsFault {
  return new AwsFault(400, 'InvalidParameter', `Invalid parameter: ${reason}`);
}

export function badAttribute(message: string): AwsFault {
  return new AwsFault(400, 'ParameterValueInvalid', message);
}

export function topicNotFound(): AwsFault {
  return new AwsFault(404, 'NotFound', 'Topic does not exist');
}

export function subscriptionNotFound(): AwsFault {
  return new AwsFault(404, 'NotFound', 'Subscription does not exist');
}

export function resourceNotFound(): AwsFault {
  return new AwsFault(404, 'ResourceNotFound', 'Resource does not exist');
}

export function tagLimit(): AwsFault {
  return new AwsFault(
    400,
    'TagLimitExceeded',
    'Could not complete request: tag quota of per resource exceeded',
  );
}

export function batchFault(code: string, message: string): AwsFault {
  return new AwsFault(400, code, message);
}
