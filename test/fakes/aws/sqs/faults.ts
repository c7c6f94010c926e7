/** The faults of SQS. Beside its new name each carries the code of the old query protocol, as the service sends it. */
import { AwsFault } from '../core/service.ts';

function fault(status: number, code: string, queryCode: string, message: string): AwsFault {
  return new AwsFault(status, code, message, {
    headers: { 'x-amzn-query-error': `${queryCode};Sender` },
  });
}

const LEGACY = 'AWS.SimpleQueueService.';

export function queueDoesNotExist(): AwsFault {
  return fault(
    400,
    'QueueDoesNotExist',
    `${LEGACY}NonExistentQueue`,
    'The specified queue does not exist.',
  );
}

export function queueNameExists(attribute: string): AwsFault {
  return fault(
    400,
    'QueueNameExists',
    'QueueAlreadyExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );
}

export function queueDeletedRecently(): AwsFault {
  return fault(
    400,
    'QueueDeletedRecently',
    `${LEGACY}QueueDeletedRecently`,
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );
}

export function invalidAttributeName(name: string): AwsFault {
  return fault(400, 'InvalidAttributeName', 'InvalidAttributeName', `Unknown Attribute ${name}.`);
}

export function invalidAttributeValue(name: string): AwsFault {
  return fault(
    400,
    'InvalidAttributeValue',
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.`,
  );
}

export function invalidParameter(message: string): AwsFault {
  return fault(400, 'InvalidParameterValueException', 'InvalidParameterValue', message);
}

/** In the usual words of the service. */
export function invalidValue(name: string, value: unknown, reason: string): AwsFault {
  return invalidParameter(
    `Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`,
  );
}

export function missingParameter(name: string): AwsFault {
  return fault(
    400,
    'MissingRequiredParameterException',
    'MissingParameter',
    `The request must contain the parameter ${name}.`,
  );
}

export function invalidHandle(handle: string): AwsFault {
  return fault(
    404,
    'ReceiptHandleIsInvalid',
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

export function messageNotInflight(): AwsFault {
  return fault(
    400,
    'MessageNotInflight',
    `${LEGACY}MessageNotInflight`,
    'The specified message is not in flight.',
  );
}

export function invalidContents(): AwsFault {
  return fault(
    400,
    'InvalidMessageContents',
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );
}

export function purgeInProgress(queue: string): AwsFault {
  return fault(
    403,
    'PurgeQueueInProgress',
    `${LEGACY}PurgeQueueInProgress`,
    `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`,
  );
}

export function batchFault(code: string, message: string): AwsFault {
  return fault(400, code, `${LEGACY}${code}`, message);
}

export function resourceNotFound(member: string): AwsFault {
  return fault(
    404,
    'ResourceNotFoundException',
    'ResourceNotFoundException',
    `The resource that you specified for the ${member} parameter doesn't exist.`,
  );
}

export function unsupported(message: string): AwsFault {
  return fault(400, 'UnsupportedOperation', `${LEGACY}UnsupportedOperation`, message);
}
