import { ServerlessError } from '../errors/serverless-error.ts';

/**
 * Reads an environment variable, for configurations written as code. Read when called.
 *
 * @param name the variable's name.
 * @param fallback what to take when it is not set. An empty variable is set.
 * @throws ServerlessError INVALID_ARGUMENT when it is not set and there is no fallback.
 *
 * @example
 * ```ts
 * import { env } from 'polyfaas';
 *
 * export default { app: 'shop', region: env('AWS_REGION', 'eu-central') };
 * ```
 */
export function env(name: string, fallback?: string): string {
  // Its own only: every object has a `toString` and a `constructor`.
  const set = Object.hasOwn(process.env, name) ? process.env[name] : undefined;
  const value = set ?? fallback;
  if (value === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `The environment variable ${name} is not set. Set it, or give a default: env('${name}', '...').`,
    });
  }
  return value;
}
