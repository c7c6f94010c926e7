/** The rules of asynchronous invocations, as far as they are known before anything is there. */
import type { AsyncPolicy, FromRef, Step } from 'polyfaas/spi';
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

/** Azure's built-in roles ("Azure built-in roles", Storage and Integration). */
const SENDER: Readonly<Record<string, string>> = {
  storage: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  serviceBus: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
  eventGrid: 'd5a91429-5739-47e2-a06b-3470a27159e7',
};

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
  const roles = sources.map(({ id, service }) => ({ scope: id, roleId: SENDER[service] ?? '' }));
  return [
    look,
    step(target, {
      id: 'destination-roles',
      kind: 'allow-sources',
      phase: 'prepare',
      title: 'Let the function write to them',
      input: { roles },
    }),
  ];
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
