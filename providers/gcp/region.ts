/** Where things run: portable names of regions, and Google's own. */

/** Portable aliases. Whatever is not here is taken for Google's own name. */
export const REGION_ALIASES: Readonly<Record<string, string>> = {
  'us-east': 'us-east1',
  'us-central': 'us-central1',
  'us-west': 'us-west1',
  'ca-central': 'northamerica-northeast1',
  'sa-east': 'southamerica-east1',
  'eu-central': 'europe-west3',
  'eu-west': 'europe-west1',
  'eu-north': 'europe-north1',
  'eu-south': 'europe-west8',
  'uk-south': 'europe-west2',
  'ap-east': 'asia-east2',
  'ap-northeast': 'asia-northeast1',
  'ap-southeast': 'asia-southeast1',
  'ap-south': 'asia-south1',
  'au-east': 'australia-southeast1',
  'me-central': 'me-central1',
  'af-south': 'africa-south1',
};

/** `europe-west3`, `northamerica-northeast1`. */
const NATIVE = /^[a-z]+-[a-z]+\d{1,2}$/;

/** What Google's own tools read, in this order. */
const VARIABLES = ['GOOGLE_CLOUD_REGION', 'CLOUDSDK_FUNCTIONS_REGION', 'CLOUDSDK_COMPUTE_REGION'];

/** Google's own name: of an alias, of a native name, or of what the environment says; undefined when nothing does. */
export function regionOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = given ?? VARIABLES.map((name) => env[name]).find(Boolean);
  return named === undefined ? undefined : (REGION_ALIASES[named] ?? named);
}

/** What is wrong with a region, or undefined. */
export function regionProblem(region: string): string | undefined {
  if (NATIVE.test(region)) return undefined;
  return `"${region}" is no region of Google Cloud. Use its own name, such as "europe-west3", or one of: ${Object.keys(REGION_ALIASES).join(', ')}.`;
}
