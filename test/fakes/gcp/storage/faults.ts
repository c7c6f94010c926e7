/** Errors of the JSON API: they have a reason instead of a canonical code. */
import type { WireReply } from '../core/ports.ts';

export class StorageFault extends Error {
  override readonly name = 'StorageFault';
  /** HTTP. */
  readonly status: number;
  /** `notFound` */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export function replyOf({ status, reason, message }: StorageFault): WireReply {
  const errors = [{ message, domain: 'global', reason }];
  return { status, body: { error: { code: status, message, errors } } };
}

export function invalid(message: string): StorageFault {
  return new StorageFault(400, 'invalid', message);
}

export function required(parameter: string): StorageFault {
  return new StorageFault(400, 'required', `Required parameter: ${parameter}`);
}

export function noBucket(): StorageFault {
  return new StorageFault(404, 'notFound', 'The specified bucket does not exist.');
}

export function noObject(bucket: string, name: string): StorageFault {
  return new StorageFault(404, 'notFound', `No such object: ${bucket}/${name}`);
}

export function conflict(message: string): StorageFault {
  return new StorageFault(409, 'conflict', message);
}

export function forbidden(message: string): StorageFault {
  return new StorageFault(403, 'forbidden', message);
}

export function conditionNotMet(): StorageFault {
  return new StorageFault(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
  );
}
