/** Names that are not configured: most often, a typo. */
import { ServerlessError } from '../errors/index.ts';
import { nearestName } from '../spec/nearest.ts';
import { isNotDeployed, notDeployed } from '../spi/not-found.ts';
import type { FunctionRef } from '../spi/plan.ts';

/** There is nothing to deploy under this name. */
export function notConfigured(name: string, configured: readonly string[]): ServerlessError {
  const nearest = nearestName(name, configured);
  const hint = nearest === undefined ? 'Add it' : `Did you mean "${nearest}"? Otherwise add it`;
  return new ServerlessError({
    code: 'NOT_FOUND',
    function: name,
    message: `"${name}" is not among the configured functions (${listed(configured)}). ${hint} under \`functions\`, or pass \`spec\`.`,
  });
}

/**
 * What is thrown instead of the error of a call. To deploy it first is no advice where there is nothing to deploy; what
 * another program deployed works without being configured, so that only a platform's no tells.
 */
export function withNearest(
  error: unknown,
  ref: FunctionRef,
  configured: readonly string[],
): unknown {
  if (!isNotDeployed(error) || configured.includes(ref.name)) return error;
  const nearest = nearestName(ref.name, configured);
  const next =
    nearest === undefined
      ? ` (${listed(configured)}). Add it under \`functions\`, or pass \`spec\` to deploy("${ref.name}").`
      : `; did you mean "${nearest}"?`;
  return notDeployed(
    error.provider ?? 'its provider',
    ref,
    `It is not among the configured functions either${next}`,
  );
}

function listed(configured: readonly string[]): string {
  return configured.length === 0 ? 'none' : configured.join(', ');
}
