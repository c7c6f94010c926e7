import { ServerlessError } from '../errors/serverless-error.ts';
import { secretNameProblem } from './names.ts';
import type { SecretRef } from './types.ts';

/**
 * Refers to a secret in the platform's own store. Plans and digests hold the name only.
 *
 * @param name such as `orders/db`: letters, digits and `/ _ . @ + = -`, at most 128 characters.
 * @param options `version` fixes one version. Default: the newest at each cold start.
 * @throws ServerlessError INVALID_ARGUMENT for a name that is none.
 *
 * @example
 * ```ts
 * import { secret } from 'polyfaas';
 *
 * export const env = { STAGE: 'dev', DATABASE: secret('orders/db') };
 * ```
 */
export function secret(name: string, options: { readonly version?: string } = {}): SecretRef {
  const problem = secretNameProblem(name);
  // The name itself is not shown: a value passed by mistake may be the secret.
  if (problem !== undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `secret(name): the name given ${problem}`,
    });
  }
  return options.version === undefined
    ? { $secret: name }
    : { $secret: name, version: options.version };
}
