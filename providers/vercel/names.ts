/** Names on Vercel. */
import { physicalName, type FunctionRef, type Scope } from 'polyfaas/spi';
import { PROJECT_NAME } from './limits.ts';

/** The project's name, where the options give none. */
export function projectName(ref: FunctionRef): string {
  return physicalName(ref, PROJECT_NAME).replaceAll(/-{3,}/g, '--');
}

/** Keys of `meta` of deployments: whose they are, and what they were made from. */
export const META = {
  app: 'polyfaasApp',
  stage: 'polyfaasStage',
  function: 'polyfaasFunction',
  version: 'polyfaasVersion',
  /** See `DeploymentInput.digest` in `steps.ts`. */
  digest: 'polyfaasDigest',
} as const;

/** The variable that holds a secret: environment variables have `A-Z a-z 0-9 _` only. `orders/db` is `orders_db`. */
export function secretVariable(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
}

/** What is left of a name that is cut is longer: the rest is a dash and 8 characters of a hash. */
const PREFIX_LENGTH = PROJECT_NAME.maxLength - 12;

/** How the derived names of all functions of an app and stage begin. */
export function namesPrefix({ app, stage }: Scope): string {
  const plain = `${app}-${stage}-`.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  // Dashes in a row may be drawn together.
  const [safe = ''] = plain.slice(0, PREFIX_LENGTH).split(/-{2,}/);
  return safe;
}
