/** Where things run: portable names of regions, and Azure's own. */

/** Portable aliases. Whatever is not here is taken for Azure's own name. */
export const REGION_ALIASES: Readonly<Record<string, string>> = {
  'us-east': 'eastus',
  'us-central': 'centralus',
  'us-west': 'westus2',
  'ca-central': 'canadacentral',
  'sa-east': 'brazilsouth',
  'eu-central': 'germanywestcentral',
  'eu-west': 'westeurope',
  'eu-north': 'swedencentral',
  'eu-south': 'italynorth',
  'uk-south': 'uksouth',
  'ap-east': 'eastasia',
  'ap-northeast': 'japaneast',
  'ap-southeast': 'southeastasia',
  'ap-south': 'centralindia',
  'au-east': 'australiaeast',
  'me-central': 'uaenorth',
  'af-south': 'southafricanorth',
};

/** Azure answers `West Europe` or `westeurope`, by service: `westeurope` for both. */
export function normalLocation(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `westeurope`, `East US 2`. Which there are, each subscription is told by Azure itself. */
const NATIVE = /^[a-z][a-z0-9 ]*$/i;

/**
 * What cannot be a region, and why; undefined where it may be one.
 *
 * @param given not of Azure's making yet: `eu-central`.
 */
export function regionProblem(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): { readonly path: string; readonly message: string } | undefined {
  const named = given ?? (env['AZURE_LOCATION'] || undefined);
  if (named === undefined || Object.hasOwn(REGION_ALIASES, named) || NATIVE.test(named)) {
    return undefined;
  }
  return {
    path: given === undefined ? 'AZURE_LOCATION' : 'region',
    message: `"${named}" is no region of Azure. Use its own name, such as "westeurope", or one of: ${Object.keys(REGION_ALIASES).join(', ')}.`,
  };
}

/** Azure's own name: of an alias, of a native name, or of what the environment says; undefined when nothing does. */
export function regionOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = given ?? (env['AZURE_LOCATION'] || undefined);
  return named === undefined ? undefined : (REGION_ALIASES[named] ?? normalLocation(named));
}
