/** Where things run: portable names of regions, and what else a region's name tells. */

export { partitionOf } from './partitions.ts';

/** Portable aliases. Whatever is not here is taken for AWS's own name. */
export const REGION_ALIASES: Readonly<Record<string, string>> = {
  'us-east': 'us-east-1',
  'us-central': 'us-east-2',
  'us-west': 'us-west-2',
  'ca-central': 'ca-central-1',
  'sa-east': 'sa-east-1',
  'eu-central': 'eu-central-1',
  'eu-west': 'eu-west-1',
  'eu-north': 'eu-north-1',
  'eu-south': 'eu-south-1',
  'uk-south': 'eu-west-2',
  'ap-east': 'ap-east-1',
  'ap-northeast': 'ap-northeast-1',
  'ap-southeast': 'ap-southeast-1',
  'ap-south': 'ap-south-1',
  'au-east': 'ap-southeast-2',
  'me-central': 'me-central-1',
  'af-south': 'af-south-1',
};

/** As all regions of all partitions are named, such as `us-gov-west-1` and `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(?:-[a-z]+)*-(?:north|south|east|west|central)(?:east|west)?-\d{1,2}$/;

/** What is wrong with a region's name; undefined for what may be one. Whether there is such a region, only AWS tells. */
export function regionProblem(region: string): string | undefined {
  if (REGION.test(region)) return undefined;
  const aliases = Object.keys(REGION_ALIASES).join(', ');
  return `"${region}" is no region of AWS. Write one such as "eu-central-1", or a portable name: ${aliases}.`;
}

/** AWS's own name: of an alias, of a native name, or of what the environment says; undefined when nothing does. */
export function regionOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = given ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined);
  return named === undefined ? undefined : (REGION_ALIASES[named] ?? named);
}
