import { randomUUID } from 'node:crypto';
import { GoogleFault } from '../core/fault.ts';

/** A build that failed, as Cloud Functions tells it of Cloud Build: the step's own message in one line of many. */
export function buildFailure(
  message: string,
  place: { readonly projectNumber: string; readonly location: string },
): GoogleFault {
  const { projectNumber, location } = place;
  const logs = `https://console.cloud.google.com/cloud-build/builds;region=${location}/${randomUUID()}?project=${projectNumber}`;
  return new GoogleFault(
    'INVALID_ARGUMENT',
    `Build failed with status: FAILURE and message: ${message}. For more details see the logs at ${logs}.`,
  );
}

/** What went wrong in a step of the build; whoever runs the build puts the rest around it. */
export class BuildStepError extends Error {
  override readonly name = 'BuildStepError';
}
