/** Schedules: timer triggers, which need nothing beside the function app. */
import { ServerlessError } from 'polyfaas/spi';
import { bindingSetting } from '../../manifest.ts';
import {
  NO_PARTS,
  settingRef,
  triggerOf,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { ncrontab, shortestGapSeconds } from './ncrontab.ts';

const SCHEDULE = 'SCHEDULE';
/** A timer that comes more often than once a minute must not be watched (Azure Functions, "Timer trigger", `useMonitor`). */
const SHORTEST_WATCHED_SECONDS = 60;

/** @throws ServerlessError INVALID_ARGUMENT for a schedule that was not checked. */
export function planSchedule(
  { target }: PlanContext,
  bindingId: string,
  event: EventOf<'schedule'>,
): BindingParts {
  const { expression, problem } = ncrontab(event.when);
  if (expression === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'azure',
      function: target.ref.name,
      message: `events.${bindingId}: ${problem}`,
    });
  }
  if (!event.enabled) return { ...NO_PARTS, source: bindingId };
  return {
    ...NO_PARTS,
    trigger: triggerOf(bindingId, 'timer', {
      schedule: settingRef(bindingId, SCHEDULE),
      runOnStartup: false,
      useMonitor: shortestGapSeconds(event.when) >= SHORTEST_WATCHED_SECONDS,
    }),
    settings: { [bindingSetting(bindingId, SCHEDULE)]: expression },
    source: bindingId,
  };
}
