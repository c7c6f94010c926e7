/** Limits of Google's that are data: the capability data is read without the rest of the library. */
import type { NameRule } from 'polyfaas/spi';

/**
 * A function's id is the name of its Cloud Run service. Together with a tag of its traffic (`tagOf`, 11 characters) that
 * has at most 46 characters (Cloud Run, "Rollbacks, gradual rollouts, and traffic migration").
 */
export const FUNCTION_NAME: NameRule = {
  maxLength: 35,
  characters: 'a-z0-9-',
  startsWithLetter: true,
};

/** Pub/Sub's longest acknowledgement deadline: "Receive messages by push". */
export const PUSH_SECONDS = 600;

/** Cloud Scheduler's longest attempt deadline for HTTP targets. */
export const SCHEDULE_SECONDS = 1800;
