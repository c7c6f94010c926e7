/** The errors of API Gateway, in its own words. */
import type { MemberRules } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';

export function badRequest(message: string): AwsFault {
  return new AwsFault(400, 'BadRequestException', message);
}

export function notFound(message: string): AwsFault {
  return new AwsFault(404, 'NotFoundException', message);
}

export function conflict(message: string): AwsFault {
  return new AwsFault(409, 'ConflictException', message);
}

/** For the decoders. */
export const BAD: MemberRules = { code: 'BadRequestException' };

export function tooMany(what: string, limit: number): AwsFault {
  return badRequest(`Maximum number of ${what} has been reached. Limit: ${limit}`);
}
