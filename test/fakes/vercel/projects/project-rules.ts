/** What Vercel refuses of projects. */
import { badRequest, VercelFault } from '../core/fault.ts';
import { mapOf } from '../core/json.ts';
import type { Plan } from '../core/ports.ts';
import type { ProjectStore, SsoProtection } from './store.ts';

const LONGEST_NAME = 100;
/** Seconds; on Pro above 800 in beta. */
const LONGEST_TIMEOUT: Readonly<Record<Plan['tier'], number>> = { hobby: 300, pro: 1800 };

/** @throws VercelFault for a name that is none, or another project's */
export function checkName(store: ProjectStore, name: string): void {
  const isName = /^[a-z0-9._-]+$/.test(name) && !name.includes('---');
  if (!isName || name.length > LONGEST_NAME) {
    throw badRequest(
      "Project names can be up to 100 characters long and must be lowercase. They can include letters, digits, and the following characters: '.', '_', '-'. However, they cannot contain the sequence '---'.",
    );
  }
  if (!store.list().some((project) => project.name === name)) return;
  throw new VercelFault(
    409,
    'conflict',
    `Project "${name}" already exists, please use a new name.`,
  );
}

export function checkResources(tier: Plan['tier'], wish: Readonly<Record<string, unknown>>): void {
  const seconds = wish['functionDefaultTimeout'];
  if (typeof seconds === 'number' && (seconds < 1 || seconds > LONGEST_TIMEOUT[tier])) {
    throw badRequest(
      `Invalid request: \`resourceConfig.functionDefaultTimeout\` should be between 1 and ${LONGEST_TIMEOUT[tier]}.`,
    );
  }
}

/** `{ deploymentType }` or null, as the vendor's schema took it. */
export function ssoProtectionOf(given: unknown): SsoProtection | null {
  const { deploymentType } = mapOf(given);
  switch (deploymentType) {
    case 'all':
    case 'preview':
    case 'prod_deployment_urls_and_all_previews':
    case 'all_except_custom_domains':
      return deploymentType;
    default:
      return null;
  }
}
