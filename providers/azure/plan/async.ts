/** The rules of asynchronous invocations, as far as they are known before anything is there. */
import type { AsyncPolicy, FromRef, Step } from 'polyfaas/spi';
import { idKey } from '../events/arm-id.ts';
import { senderRole } from '../events/context.ts';
import { ROLE, type RoleNeed } from '../events/roles.ts';
import { eventSettings } from '../events/settings.ts';
import { busSource, queueSource, topicSource, type SourceRef } from '../events/source.ts';
import type { AsyncRules } from '../manifest.ts';
import type { Target } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { isOwnIdentity } from './foundation.ts';
import { step } from './parts.ts';

/** `AsyncRules` without the queue, which the app settings tell. JSON. */
export type AsyncDraft = Omit<AsyncRules, 'queue' | 'onSuccess' | 'onFailure'> & {
  readonly onSuccess: FromRef | null;
  readonly onFailure: FromRef | null;
};

export function asyncDraft({
  retry,
  maxAgeSeconds,
  onSuccess,
  onFailure,
}: AsyncPolicy): AsyncDraft {
  return {
    maxAttempts: retry.maxAttempts,
    backoff: retry.backoff,
    delaySeconds: retry.delaySeconds,
    maxDelaySeconds: retry.maxDelaySeconds,
    jitter: retry.jitter,
    maxAgeSeconds,
    onSuccess: onSuccess ? { $from: 'destinations.onSuccess' } : null,
    onFailure: onFailure ? { $from: 'destinations.onFailure' } : null,
  };
}

/**
 * Refuses destinations that are not there, before anything is written: but for those that are made for a binding.
 *
 * @param made the ids of those.
 */
export function destinationChecks(
  platform: PlatformSettings,
  target: Target,
  async: AsyncPolicy,
  made: readonly string[],
): readonly Step[] {
  const keys = new Set(made.map(idKey));
  const [onSuccess = null, onFailure = null] = [async.onSuccess, async.onFailure].map((one) => {
    const source = sourceOf(platform, target, one);
    return source === null || keys.has(idKey(source.id)) ? null : source;
  });
  if (onSuccess === null && onFailure === null) return [];
  return [
    // What only Azure tells of the identity comes later.
    step(
      { ...target, principalId: '', clientId: '' },
      {
        id: 'destinations-check',
        kind: 'check-destinations',
        phase: 'prepare',
        title: 'See that the destinations of asynchronous invocations are there',
        input: { onSuccess, onFailure },
      },
    ),
  ];
}

/** Looks for the destinations, which are never made, and lets the function write to them. */
export function destinationSteps(
  platform: PlatformSettings,
  target: Target,
  async: AsyncPolicy,
): readonly Step[] {
  const onSuccess = sourceOf(platform, target, async.onSuccess);
  const onFailure = sourceOf(platform, target, async.onFailure);
  const sources = [onSuccess, onFailure].flatMap((one) => (one === null ? [] : [one]));
  if (sources.length === 0) return [];
  const look = step(target, {
    id: 'destinations',
    kind: 'find-destinations',
    phase: 'prepare',
    title: 'Find the destinations of asynchronous invocations',
    input: { onSuccess, onFailure },
  });
  if (!isOwnIdentity(target)) return [look];
  return [
    look,
    step(target, {
      id: 'destination-roles',
      kind: 'allow-sources',
      phase: 'prepare',
      title: 'Let the function write to them',
      input: { roles: destinationRoles(platform, target, async) },
    }),
  ];
}

/** What sending to the destinations takes. */
export function destinationRoles(
  platform: PlatformSettings,
  target: Target,
  { onSuccess, onFailure }: AsyncPolicy,
): readonly RoleNeed[] {
  return [onSuccess, onFailure].flatMap((one) => {
    const source = sourceOf(platform, target, one);
    if (source === null) return [];
    if (source.service !== 'eventGrid') return [senderRole(source)];
    return [{ scope: source.id, roleId: ROLE.eventGridSender }];
  });
}

function sourceOf(
  platform: PlatformSettings,
  target: Target,
  destination: AsyncPolicy['onSuccess'],
): SourceRef | null {
  if (!destination) return null;
  const context = { place: target, settings: eventSettings(platform, target) };
  const find = { queue: queueSource, topic: topicSource, bus: busSource }[destination.type];
  return find(context, destination.name);
}
