/** What Cloud Scheduler says no with. */
import { GoogleFault } from '../core/fault.ts';

export function invalid(message: string): GoogleFault {
  return new GoogleFault('INVALID_ARGUMENT', message);
}

export function badName(): GoogleFault {
  return invalid(
    'Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>".',
  );
}

export function noJob(): GoogleFault {
  return new GoogleFault('NOT_FOUND', 'Job not found.');
}

export function jobExists(name: string): GoogleFault {
  return new GoogleFault('ALREADY_EXISTS', `Job ${name} already exists.`);
}

export function wrongState(verb: string, wanted: string): GoogleFault {
  return new GoogleFault(
    'FAILED_PRECONDITION',
    `The job cannot be ${verb}: its state must be ${wanted}.`,
  );
}
