import { ServerlessError } from 'polyfaas/spi';

/**
 * The vendor's packages are optional peers: whoever deploys to Vercel has them, and nobody else.
 *
 * @param name the package
 * @param loading its import; written out at the call, so that bundlers see it
 */
export async function loadSdk<Module>(name: string, loading: Promise<Module>): Promise<Module> {
  try {
    return await loading;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'vercel',
      message: `The package "${name}" is not installed. Run \`npm install ${name}\`.`,
      cause,
    });
  }
}

function isMissing(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'code' in cause &&
    (cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND')
  );
}
