/** What a deployment holds of bindings and of asynchronous invocations. Pure. */
import { ServerlessError, type AsyncPolicy, type Binding } from 'polyfaas/spi';
import { CRONS_PATH, type AsyncRules, type BindingPolicy } from '../manifest.ts';
import type { DeploymentInput } from '../steps.ts';
import { cronOf } from './cron.ts';

/** Of those that are enabled: the others are in the record only. Since when a topic is bound, the executor tells. */
export function bindingPolicies(bindings: readonly Binding[]): readonly BindingPolicy[] {
  return bindings
    .filter(({ event }) => event.enabled)
    .map((binding) => ({ binding, deadLetter: deadLetterOf(binding), since: null }));
}

function deadLetterOf({ event }: Binding): string | null {
  return 'deadLetter' in event ? (event.deadLetter ?? null) : null;
}

/**
 * The crons of `config.json`, one for each enabled schedule.
 *
 * @throws ServerlessError INVALID_ARGUMENT for a schedule that Vercel's cron jobs do not have.
 */
export function cronsOf(
  functionName: string,
  bindings: readonly Binding[],
): DeploymentInput['crons'] {
  return bindings.flatMap(({ id, event }) => {
    if (event.type !== 'schedule' || !event.enabled) return [];
    const { expression, problem } = cronOf(event.when);
    if (expression !== undefined) {
      return [{ path: `${CRONS_PATH}${id}`, schedule: expression }];
    }
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'vercel',
      function: functionName,
      message: `functions.${functionName}.events.${id}: ${problem}`,
    });
  });
}

/** How asynchronous invocations are treated, as declared. */
export function asyncRules({
  retry,
  maxAgeSeconds,
  onSuccess,
  onFailure,
}: AsyncPolicy): AsyncRules {
  return {
    maxAttempts: retry.maxAttempts,
    backoff: retry.backoff,
    delaySeconds: retry.delaySeconds,
    maxDelaySeconds: retry.maxDelaySeconds,
    jitter: retry.jitter,
    maxAgeSeconds,
    onSuccess: onSuccess?.name ?? null,
    onFailure: onFailure?.name ?? null,
  };
}

/** Ids of the bindings of topics: of each the record says since when it is wished. */
export function topicIds(bindings: readonly Binding[]): readonly string[] {
  return bindings.flatMap(({ id, event }) => (event.type === 'topic' ? [id] : []));
}

/**
 * What is known of since when topics are bound. One that names another topic than before is a new one: what was published
 * before is not for it. Of others it stays, also where a deploy that did not come to its end noted it.
 */
export function knownSince(
  bindings: readonly Binding[],
  record: {
    readonly bindings: readonly Binding[];
    readonly since: Readonly<Record<string, number>>;
  },
): Readonly<Record<string, number>> {
  const since: Record<string, number> = {};
  for (const { id, event } of bindings) {
    if (event.type !== 'topic') continue;
    const former = record.bindings.find((one) => one.id === id)?.event;
    const known = record.since[id];
    if (known === undefined || (former?.type === 'topic' && former.topic !== event.topic)) continue;
    since[id] = known;
  }
  return since;
}
