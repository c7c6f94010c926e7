import { sdkLoader, ServerlessError } from 'polyfaas/spi';

const load = sdkLoader('aws');

/** Loads a package of the vendor's, named without its scope; see `sdkLoader`. */
export function loadSdk<Module>(name: string, loading: Promise<Module>): Promise<Module> {
  return load(name === 'node-http-handler' ? `@smithy/${name}` : `@aws-sdk/${name}`, loading);
}

/** What works together, each given by {@link loadSdk}: all that is missing is told at once. */
export async function loadTogether<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<readonly [First, Second]> {
  const outcomes = await Promise.allSettled([first, second]);
  refuseMissing(outcomes);
  return await Promise.all([first, second]);
}

/**
 * @throws ServerlessError INVALID_ARGUMENT with one command, where more than one package is missing; else what the first
 * one failed with.
 */
export function refuseMissing(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const [first] = failures;
  if (first === undefined) return;
  const packages = [...new Set(failures.flatMap(missingPackages))];
  // Such as a region that nothing names: the same for all.
  if (packages.length < 2) throw first;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    message: `The packages ${packages.map((name) => `"${name}"`).join(', ')} are not installed. Run \`npm install ${packages.join(' ')}\`.`,
    details: { packages },
    cause: first,
  });
}

/** Their names, where that is what the error tells. */
export function missingPackages(error: unknown): readonly string[] {
  const { package: one, packages } = (ServerlessError.isInstance(error) && error.details) || {};
  const names = Array.isArray(packages) ? packages : [one];
  return names.filter((name) => typeof name === 'string');
}
