import { isWithin, sameId } from './resource-id.ts';
import type { RoleAssignment } from './roles.ts';
import { ArmFault } from './service.ts';

/**
 * Whether a list at a scope shows an assignment. Without `atScope()` what is below the scope is shown as well; what is
 * above it always is.
 */
export function matchesRoleFilter(
  assignment: RoleAssignment,
  scope: string,
  filter: string,
): boolean {
  const terms = filter === '' ? [] : filter.split(/\s+and\s+/i).map((term) => term.trim());
  const isAbove = isWithin(scope, assignment.scope);
  const isBelow = isWithin(assignment.scope, scope) && !sameId(assignment.scope, scope);
  const isOnlyAt = terms.some((term) => /^atScope\(\)$/i.test(term));
  if (!isAbove && (isOnlyAt || !isBelow)) return false;
  return terms.every((term) => {
    if (/^atScope\(\)$/i.test(term)) return true;
    const principal = /^(?:principalId\s+eq\s+|assignedTo\()'([^']*)'\)?$/i.exec(term)?.[1];
    if (principal === undefined) {
      throw new ArmFault(
        400,
        'UnsupportedQuery',
        `The filter '${filter}' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}'' or 'assignedTo('{value}')'.`,
      );
    }
    return assignment.principalId === principal.toLowerCase();
  });
}
