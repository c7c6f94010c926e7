import { ServerlessError } from '../errors/index.ts';

/**
 * Loads a vendor's packages, which are optional peers: whoever deploys to that platform has them, and nobody else. What it
 * gives takes the name of a package and its import, written out at the call, so that bundlers see it. Its promise rejects
 * with a `ServerlessError` INVALID_ARGUMENT, which says how to install it and has its name as `details.package`, where the
 * package is not there (codes `ERR_MODULE_NOT_FOUND` and `MODULE_NOT_FOUND` of Node's module loaders), and with what the
 * package threw where it breaks.
 *
 * @param provider the name of the provider, for the error.
 */
export function sdkLoader(
  provider: string,
): <Module>(name: string, loading: Promise<Module>) => Promise<Module> {
  return async (name, loading) => {
    try {
      return await loading;
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new ServerlessError({
        code: 'INVALID_ARGUMENT',
        provider,
        message: `The package "${name}" is not installed. Run \`npm install ${name}\`.`,
        details: { package: name },
        cause,
      });
    }
  };
}

function isMissing(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'code' in cause &&
    (cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND')
  );
}
