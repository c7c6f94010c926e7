/** Settings of a project that keep events away from its production deployment. */
import { type JsonValue, numberAt, textAt, valueAt } from 'polyfaas/spi';
import type { ClosedBy, VercelObserved } from '../model.ts';

const PROTECTIONS = ['ssoProtection', 'passwordProtection', 'trustedIps'] as const;

/**
 * Others are for previews, and for the addresses of single deployments ("Standard Protection"): events come to neither.
 * Trusted addresses keep others away in both of their modes (`protectionMode`): with `additional` the address must match
 * and another protection be passed, with `exclusive` the address is enough.
 *
 * @see https://vercel.com/docs/rest-api/reference/endpoints/projects/update-an-existing-project
 */
const CLOSES = new Map([
  ['all', 'all'],
  ['production', 'all'],
  ['all_except_custom_domains', 'all-but-domains'],
] as const);

export function closedIn(found: JsonValue): Pick<NonNullable<VercelObserved['project']>, 'closed'> {
  const closed: ClosedBy[] = [];
  for (const setting of PROTECTIONS) {
    const type = textAt(found, setting, 'deploymentType');
    const of = [...CLOSES].find(([name]) => name === type)?.[1];
    if (of !== undefined) closed.push({ setting, of });
  }
  if (numberAt(found, 'crons', 'disabledAt') !== undefined) closed.push({ setting: 'crons' });
  if (valueAt(found, 'paused') === true) closed.push({ setting: 'paused' });
  return closed.length > 0 ? { closed } : {};
}
