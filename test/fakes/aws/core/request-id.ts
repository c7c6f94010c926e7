import { randomUUID } from 'node:crypto';

/** The id that a reply carries. */
export function requestId(): string {
  return randomUUID();
}
