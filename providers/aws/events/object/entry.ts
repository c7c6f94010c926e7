/** Entries of a bucket's notification configuration, and when two of them get into each other's way. */
import type { NormalObjectEvent } from 'polyfaas/spi';

/** What one binding wants to hear of a bucket. */
export interface NotificationEntry {
  readonly id: string;
  /** `s3:ObjectCreated:*` */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

const EVENT_NAMES = { created: 's3:ObjectCreated:*', deleted: 's3:ObjectRemoved:*' } as const;

export function entryOf(id: string, event: NormalObjectEvent): NotificationEntry {
  return {
    id,
    events: event.on.map((one) => EVENT_NAMES[one]),
    prefix: event.prefix,
    suffix: event.suffix,
  };
}

/**
 * A prefix or suffix as S3 wants it: special characters as in the keys of its events, spaces as "+" (S3 user guide,
 * "Configuring event notifications using object key name filtering").
 */
export function encodeFilter(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

/** The other way; what others wrote without encoding it is taken as it is. */
export function decodeFilter(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/**
 * True when one object could match both: S3 refuses such a configuration (S3 user guide, "Configuring event
 * notifications using object key name filtering").
 */
export function overlap(
  a: Omit<NotificationEntry, 'id'>,
  b: Omit<NotificationEntry, 'id'>,
): boolean {
  const share = a.events.some((one) => b.events.some((other) => sameEvents(one, other)));
  return (
    share &&
    (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
    (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
  );
}

/** `s3:ObjectCreated:*` holds `s3:ObjectCreated:Put`. */
function sameEvents(a: string, b: string): boolean {
  const holds = (wide: string, exact: string): boolean =>
    wide === exact || (wide.endsWith('*') && exact.startsWith(wide.slice(0, -1)));
  return holds(a, b) || holds(b, a);
}
