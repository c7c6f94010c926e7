/** The faults of event source mappings. */
import { AwsFault } from '../core/service.ts';

const USER = { fields: { Type: 'User' } };

export function invalidValue(message: string): AwsFault {
  return new AwsFault(400, 'InvalidParameterValueException', message, USER);
}

/** A member that only other kinds of sources have. */
export function unsupported(member: string): AwsFault {
  return invalidValue(`Unsupported ${member} parameter for given event source mapping type.`);
}

export function notFound(): AwsFault {
  return new AwsFault(
    404,
    'ResourceNotFoundException',
    'The resource you requested does not exist.',
    USER,
  );
}

export function inUse(verb: 'update' | 'delete'): AwsFault {
  return new AwsFault(
    400,
    'ResourceInUseException',
    `Cannot ${verb} the event source mapping because it is in use.`,
    USER,
  );
}

export function conflict(message: string): AwsFault {
  return new AwsFault(409, 'ResourceConflictException', message, USER);
}
