/** What Pub/Sub says no with. */
import { GoogleFault } from '../core/fault.ts';

const RULES = 'Refer to https://cloud.google.com/pubsub/docs/admin#resource_names';

export function invalid(message: string): GoogleFault {
  return new GoogleFault('INVALID_ARGUMENT', message);
}

/** @param argument as the service calls it: `PushConfig::push_endpoint` */
export function invalidArgument(argument: string): GoogleFault {
  return invalid(`You have passed an invalid argument to the service (argument=${argument}).`);
}

/** @param field of the request that holds the name: `name`, `topic` */
export function invalidName(field: string, name: string): GoogleFault {
  return invalid(`Invalid resource name given (${field}=${name}). ${RULES} for more information.`);
}

export function notFound(name: string): GoogleFault {
  return new GoogleFault('NOT_FOUND', `Resource not found (resource=${shortName(name)}).`);
}

export function alreadyExists(name: string): GoogleFault {
  return new GoogleFault(
    'ALREADY_EXISTS',
    `Resource already exists in the project (resource=${shortName(name)}).`,
  );
}

export function noProject(project: string): GoogleFault {
  return new GoogleFault(
    'NOT_FOUND',
    `Requested project not found or user does not have access to it (project=${project}). Make sure to specify the unique project identifier and not the Google Cloud Console display name.`,
  );
}

export function notSupported(what: string): GoogleFault {
  return new GoogleFault('UNIMPLEMENTED', `${what} is not offered here.`);
}

/** In the words of the service. */
export function checkRange(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (value < min) {
    throw invalid(
      `The value for ${name} is too small. You passed ${value} in the request, but the minimum value is ${min}.`,
    );
  }
  if (value > max) {
    throw invalid(
      `The value for ${name} is too large. You passed ${value} in the request, but the maximum value is ${max}.`,
    );
  }
}

export function shortName(name: string): string {
  return name.split('/').at(-1) ?? name;
}
