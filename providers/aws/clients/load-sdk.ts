import { sdkLoader, ServerlessError } from 'polyfaas/spi';

const load = sdkLoader('aws');

/** Loads a package of the vendor's, named without its scope; see `sdkLoader`. */
export function loadSdk<Module>(name: string, loading: Promise<Module>): Promise<Module> {
  return load(name === 'node-http-handler' ? `@smithy/${name}` : `@aws-sdk/${name}`, loading);
}

/** Its name, where that is what the error tells. */
export function missingPackage(error: unknown): string | undefined {
  const name = ServerlessError.isInstance(error) ? error.details?.['package'] : undefined;
  return typeof name === 'string' ? name : undefined;
}
