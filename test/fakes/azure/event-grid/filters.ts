/**
 * Filters of event subscriptions: what may stand in them, and what they let through.
 * https://learn.microsoft.com/azure/event-grid/event-filtering
 */
import { isMap, type JsonMap } from '../core/json.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import { readAdvancedFilters, type AdvancedFilter } from './advanced-filters.ts';
import { invalidSubscription } from './faults.ts';
import { typeOfEvent, valueAt, type GridEvent } from './events.ts';
import { passesAdvanced } from './advanced-matching.ts';

export interface EventFilter {
  readonly includedEventTypes: readonly string[] | undefined;
  readonly subjectBeginsWith: string;
  readonly subjectEndsWith: string;
  readonly isSubjectCaseSensitive: boolean;
  readonly advancedFilters: readonly AdvancedFilter[];
  readonly enableAdvancedFilteringOnArrays: boolean;
}

/** @param knownTypes those of the system topic; undefined for a custom topic, which may have any. */
export function readFilter(
  sent: JsonMap | undefined,
  knownTypes: readonly string[] | undefined,
): EventFilter {
  const fields = readFields(sent ?? {}, invalidSubscription);
  return {
    includedEventTypes: readTypes(fields.list('includedEventTypes'), knownTypes),
    subjectBeginsWith: fields.text('subjectBeginsWith') ?? '',
    subjectEndsWith: fields.text('subjectEndsWith') ?? '',
    isSubjectCaseSensitive: fields.flag('isSubjectCaseSensitive') ?? false,
    advancedFilters: readAdvancedFilters(fields.list('advancedFilters') ?? []),
    enableAdvancedFilteringOnArrays: fields.flag('enableAdvancedFilteringOnArrays') ?? false,
  };
}

export function shownFilter(filter: EventFilter): JsonMap {
  const { includedEventTypes, advancedFilters, ...rest } = filter;
  return {
    ...rest,
    includedEventTypes: includedEventTypes ?? null,
    advancedFilters: advancedFilters.map(({ operatorType, key, value, values }) => ({
      operatorType,
      key,
      ...(value !== undefined && { value }),
      ...(values !== undefined && { values }),
    })),
  };
}

/** Whether an event is for the subscription. All parts of a filter have to let it through. */
export function passes(filter: EventFilter, event: GridEvent): boolean {
  const { includedEventTypes, advancedFilters } = filter;
  if (includedEventTypes && !includedEventTypes.includes(typeOfEvent(event))) return false;
  if (!passesSubject(filter, event)) return false;
  return advancedFilters.every((one) =>
    passesAdvanced(one, valueAt(event, one.key), filter.enableAdvancedFilteringOnArrays),
  );
}

function passesSubject(filter: EventFilter, event: GridEvent): boolean {
  const { isSubjectCaseSensitive, subjectBeginsWith, subjectEndsWith } = filter;
  const folded = (text: string): string => (isSubjectCaseSensitive ? text : text.toLowerCase());
  const { subject } = event.body;
  const text = folded(typeof subject === 'string' ? subject : '');
  return text.startsWith(folded(subjectBeginsWith)) && text.endsWith(folded(subjectEndsWith));
}

function readTypes(
  sent: readonly unknown[] | undefined,
  knownTypes: readonly string[] | undefined,
): readonly string[] | undefined {
  const names = (sent ?? []).map((one) => {
    if (typeof one === 'string' && one !== '') return one;
    throw invalidSubscription(`'${isMap(one) ? '{}' : String(one)}' is not an event type.`);
  });
  // What is there by default is told, where it is known.
  if (names.length === 0 || names.some((name) => name.toLowerCase() === 'all')) return knownTypes;
  const unknown = knownTypes && names.find((name) => !knownTypes.includes(name));
  if (unknown !== undefined) {
    throw invalidSubscription(
      `The event type '${unknown}' is not supported. Supported event types are ${knownTypes?.join(', ')}.`,
    );
  }
  return names;
}
