import type { Target } from '../model.ts';

/** Cloud Functions takes few writes a minute in each region ("Cloud Run functions quotas"): they take turns. */
export function writesLock({ projectId, location }: Target): string {
  return `functions:${projectId}/${location}`;
}

/** A change of a service is refused while another one runs. */
export function serviceLock({ serviceName }: Target): string {
  return `service:${serviceName}`;
}
