/**
 * What the APIs of event sources refuse for a while only: a service account that is not known everywhere yet, a grant that
 * has not spread, another change under way.
 */
import { GoogleApiError } from '../clients/error.ts';
import { brokenReason, quotaReason, SPREADING_MS, type ReasonOf } from '../execute/patience.ts';

interface Passing {
  readonly statuses: readonly number[];
  /** One of these must be in the code or the message, in whatever case. In lower case here. */
  readonly texts: readonly string[];
  readonly stage: string;
}

/** Messages as the services send them. */
const PASSING: readonly Passing[] = [
  {
    // IAM: members of a policy; Pub/Sub and Cloud Scheduler: who signs.
    statuses: [400, 403, 404],
    texts: [
      'does not exist',
      'service_account_email',
      'iam.serviceaccounts.actas',
      'or it may not exist',
      'not found: serviceaccount',
    ],
    stage: 'waiting for the service account to be known',
  },
  {
    statuses: [400, 403],
    texts: [
      // Cloud Storage: notifications.
      'does not have permission to publish messages',
      'does not have permission to it',
      // Eventarc: its own service agent on first use, and the account of the trigger.
      'service agent',
      'propagat',
      'eventarc.events.receiveevent',
    ],
    stage: 'waiting for a grant to be known',
  },
  {
    statuses: [404],
    texts: ['resource not found', 'topic'],
    stage: 'waiting for the topic to be known',
  },
  {
    statuses: [409],
    texts: ['abort', 'concurren', 'in progress', 'etag', 'conflict'],
    stage: 'waiting for another change to end',
  },
];

export const passing: ReasonOf = (error) => {
  if (!(error instanceof GoogleApiError) || error.reason === 'SERVICE_DISABLED') return undefined;
  const byQuota = quotaReason(error);
  if (byQuota) return byQuota;
  const said = `${error.code} ${error.message}`.toLowerCase();
  const found = PASSING.find(
    ({ statuses, texts }) =>
      statuses.includes(error.status) && texts.some((text) => said.includes(text)),
  );
  return found ? { stage: found.stage, mostMs: SPREADING_MS } : brokenReason(error);
};
