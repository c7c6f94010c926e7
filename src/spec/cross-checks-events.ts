import { retryIssues } from './cross-checks-retry.ts';
import { timingProblem } from './exclusive.ts';
import type { Issue, Path } from './issues.ts';
import { normalizeEvent } from './normalize-event.ts';
import { routeShape } from './path-template.ts';
import { patternIssues } from './pattern-problem.ts';
import { isPlainObject } from './plain-data.ts';
import { eventSchema } from './schema-events.ts';

/** Checks the events of one function, each and against each other. */
export function eventListIssues(events: unknown, path: Path): readonly Issue[] {
  if (!Array.isArray(events)) return [];
  const list: readonly unknown[] = events;
  return [
    ...list.flatMap((event, index) => eventIssues(event, [...path, index])),
    ...duplicateIssues(list, path),
  ];
}

/** Checks one event across its fields. */
export function eventIssues(event: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(event)) return [];
  return [
    ...scheduleIssues(event, path),
    ...corsIssues(event['cors'], [...path, 'cors']),
    ...patternIssues(event['pattern'], [...path, 'pattern']),
    ...retryIssues(event['retry'], [...path, 'retry']),
    ...deadLetterIssues(event, path),
  ];
}

function scheduleIssues(event: Record<string, unknown>, path: Path): readonly Issue[] {
  if (event['type'] !== 'schedule') return [];
  const message = timingProblem(event);
  if (message !== undefined) return [{ path, message }];
  if (event['cron'] !== undefined || event['timezone'] === undefined) return [];
  return [
    {
      path: [...path, 'timezone'],
      message: 'has no meaning with "every". Remove it, or give the times as "cron".',
    },
  ];
}

function corsIssues(cors: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(cors) || cors['credentials'] !== true) return [];
  const origins: unknown = cors['origins'] ?? ['*'];
  if (!Array.isArray(origins) || !origins.includes('*')) return [];
  return [
    {
      path: [...path, 'credentials'],
      message:
        'true cannot go with the origin "*": browsers refuse it. List the origins, such as ["https://example.com"], or set credentials to false.',
    },
  ];
}

function deadLetterIssues(event: Record<string, unknown>, path: Path): readonly Issue[] {
  const { deadLetter, queue } = event;
  if (event['type'] !== 'queue' || typeof deadLetter !== 'string' || deadLetter !== queue)
    return [];
  return [
    {
      path: [...path, 'deadLetter'],
      message: `${JSON.stringify(deadLetter)} is the queue itself, so a failed message would never leave it. Name another queue.`,
    },
  ];
}

/** Two events with one id, or two routes that match the same requests. */
function duplicateIssues(events: readonly unknown[], path: Path): readonly Issue[] {
  const issues: Issue[] = [];
  const ids = new Map<string, number>();
  const routes = new Map<string, number>();
  for (const [index, value] of events.entries()) {
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) continue;
    const { id, event } = normalizeEvent(parsed.data);
    const firstRoute = event.type === 'http' ? claimRoute(event, index, routes) : undefined;
    const firstId = ids.get(id);
    if (firstRoute !== undefined) {
      issues.push({
        path: [...path, index, 'path'],
        message: `is the same route as events[${firstRoute}]. Change its method or path, or remove one of the two.`,
      });
    } else if (firstId !== undefined) {
      issues.push({
        path: [...path, index, 'id'],
        message: `"${id}" is also the id of events[${firstId}]. Give one of the two an id of its own.`,
      });
    }
    if (firstId === undefined) ids.set(id, index);
  }
  return issues;
}

/** @returns the index of the event that has one of these routes already. */
function claimRoute(
  event: { readonly methods: readonly string[]; readonly path: string },
  index: number,
  routes: Map<string, number>,
): number | undefined {
  let first: number | undefined;
  for (const method of event.methods) {
    const route = `${method} ${routeShape(event.path)}`;
    const owner = routes.get(route);
    if (owner === undefined) routes.set(route, index);
    else first ??= owner;
  }
  return first;
}
