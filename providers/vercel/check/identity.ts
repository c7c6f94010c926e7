/**
 * Functions on Vercel have no identity of their own that rights could be given to. Whoever asks for one, by the name that
 * another provider has for it, is told what there is instead.
 */
import { ServerlessError } from 'polyfaas/spi';

const NAMES = ['role', 'roleArn', 'identity', 'managedIdentity', 'serviceAccount'] as const;

/**
 * @param path of the options: `functions.orders.providerOptions.vercel`
 * @throws ServerlessError UNSUPPORTED
 */
export function refuseIdentity(options: unknown, path: string, functionName?: string): void {
  if (typeof options !== 'object' || options === null) return;
  const name = NAMES.find((one) => Object.hasOwn(options, one));
  if (name === undefined) return;
  throw new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'vercel',
    function: functionName,
    message: `${path}.${name}: vercel does not support a role of a function. Let the code take on a role of the other cloud with the OIDC token that Vercel gives it (the header x-vercel-oidc-token, or VERCEL_OIDC_TOKEN), or give it credentials as a secret: env: { KEY: secret('...') }.`,
    details: { path: `${path}.${name}` },
  });
}
