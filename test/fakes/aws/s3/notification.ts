/** Which changes of a bucket are told to whom. */
import { AwsFault } from '../core/service.ts';
import { invalidArgument } from './fault.ts';

export interface NotificationTarget {
  readonly id: string;
  readonly kind: 'CloudFunction' | 'Queue' | 'Topic';
  readonly arn: string;
  /** `s3:ObjectCreated:*` and the like. */
  readonly events: readonly string[];
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
}

export interface Notifications {
  readonly targets: readonly NotificationTarget[];
  readonly hasEventBridge: boolean;
}

/** Amazon S3 user guide, "Supported event types". */
const EVENTS = new Set([
  's3:ReducedRedundancyLostObject',
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRestore:*',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:Replication:*',
  's3:Replication:OperationFailedReplication',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:Replication:OperationNotTracked',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
  's3:ObjectTagging:*',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
]);

/**
 * What S3 checks before it looks at the destinations.
 *
 * @throws AwsFault InvalidArgument
 */
export function checkTargets(targets: readonly NotificationTarget[]): void {
  for (const { events, id } of targets) {
    const strange = events.find((event) => !EVENTS.has(event));
    if (events.length === 0 || strange !== undefined) {
      throw new AwsFault(400, 'InvalidArgument', 'The event is not supported for notifications', {
        fields: { ArgumentName: 'Event', ArgumentValue: strange ?? '' },
      });
    }
    if (id.length > 255) throw invalidArgument('The ID is too long');
  }
  if (new Set(targets.map((target) => target.id)).size < targets.length) {
    throw invalidArgument('Same ID used for multiple configurations. IDs must be unique');
  }
  for (const [index, target] of targets.entries()) {
    const other = targets.slice(0, index).find((before) => overlaps(before, target));
    if (other !== undefined) throw overlap(other, target);
  }
}

/** The same object may lead to one destination only, for each type of event. */
function overlaps(one: NotificationTarget, other: NotificationTarget): boolean {
  return (
    one.events.some((event) => other.events.some((each) => isSameEvent(event, each))) &&
    isPart(one.prefix ?? '', other.prefix ?? '', (long, short) => long.startsWith(short)) &&
    isPart(one.suffix ?? '', other.suffix ?? '', (long, short) => long.endsWith(short))
  );
}

function isSameEvent(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

function covers(pattern: string, event: string): boolean {
  return pattern === event || (pattern.endsWith(':*') && event.startsWith(pattern.slice(0, -1)));
}

function isPart(
  one: string,
  other: string,
  contains: (long: string, short: string) => boolean,
): boolean {
  return contains(one, other) || contains(other, one);
}

function overlap(one: NotificationTarget, other: NotificationTarget): AwsFault {
  const isFiltered = [one, other].some(
    ({ prefix, suffix }) => prefix !== undefined || suffix !== undefined,
  );
  return isFiltered
    ? invalidArgument(
        'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
      )
    : invalidArgument(
        'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        {
          ArgumentName: 'Event',
          ArgumentValue: [...one.events, ...other.events].join(', '),
        },
      );
}

/** Whether a change concerns a target. `event` is without the `s3:`: `ObjectCreated:Put`. */
export function concerns(target: NotificationTarget, event: string, key: string): boolean {
  return (
    target.events.some((each) => covers(each, `s3:${event}`)) &&
    key.startsWith(decoded(target.prefix)) &&
    key.endsWith(decoded(target.suffix))
  );
}

/** Filters are written as in forms (Amazon S3 user guide, "Configuring event notifications using object key name filtering"). */
function decoded(value = ''): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}
