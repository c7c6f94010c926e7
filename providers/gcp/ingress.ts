/** From where a service can be reached at all, in the words of Cloud Functions and in those of Cloud Run. Pure. */

/** In the words of Cloud Functions. */
export type Ingress = 'ALLOW_ALL' | 'ALLOW_INTERNAL_ONLY' | 'ALLOW_INTERNAL_AND_GCLB';

const IN_CLOUD_RUN: Readonly<Record<Ingress, string>> = {
  ALLOW_ALL: 'INGRESS_TRAFFIC_ALL',
  ALLOW_INTERNAL_ONLY: 'INGRESS_TRAFFIC_INTERNAL_ONLY',
  ALLOW_INTERNAL_AND_GCLB: 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
};

export function ingressInCloudRun(ingress: Ingress): string {
  return IN_CLOUD_RUN[ingress];
}

/** @param text in the words of Cloud Run. Empty where it says nothing: then it is open. */
export function ingressOf(text: string): Ingress {
  if (text === '' || text === IN_CLOUD_RUN.ALLOW_ALL) return 'ALLOW_ALL';
  if (text === IN_CLOUD_RUN.ALLOW_INTERNAL_AND_GCLB) return 'ALLOW_INTERNAL_AND_GCLB';
  // Cloud Functions has no word for the one that lets nobody in.
  return 'ALLOW_INTERNAL_ONLY';
}

/** Whether a service is reached from just there. Cloud Run has one more, which lets nobody in. @param text in its words */
export function isReachedFrom(text: string, ingress: Ingress): boolean {
  return (text === '' ? IN_CLOUD_RUN.ALLOW_ALL : text) === IN_CLOUD_RUN[ingress];
}

/** False where callers from the internet find nothing: they get a 404. */
export function isOpen(ingress: Ingress): boolean {
  return ingress === 'ALLOW_ALL';
}
