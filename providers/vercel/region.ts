/** Where things run: portable names of regions, and Vercel's own. */

/** Portable aliases, each to the nearest that there is. Whatever is not here is taken for Vercel's own name. */
export const REGION_ALIASES: Readonly<Record<string, string>> = {
  'us-east': 'iad1',
  'us-central': 'cle1',
  'us-west': 'pdx1',
  'ca-central': 'yul1',
  'sa-east': 'gru1',
  'eu-central': 'fra1',
  'eu-west': 'dub1',
  'eu-north': 'arn1',
  // Vercel has none in the south of Europe: Paris.
  'eu-south': 'cdg1',
  'uk-south': 'lhr1',
  'ap-east': 'hkg1',
  'ap-northeast': 'hnd1',
  'ap-southeast': 'sin1',
  'ap-south': 'bom1',
  'au-east': 'syd1',
  'me-central': 'dxb1',
  'af-south': 'cpt1',
};

/** Vercel's own default for new projects ("Vercel regions"). */
const DEFAULT_REGION = 'iad1';

/** All that functions run in, numbers of 2026-11 ("Vercel regions"). */
const REGIONS =
  'iad1 cle1 pdx1 sfo1 yul1 gru1 fra1 cdg1 lhr1 dub1 arn1 bom1 sin1 hnd1 kix1 icn1 hkg1 syd1 dxb1 cpt1';

/** `fra1`. Not only those above: Vercel adds some. */
const NATIVE = /^[a-z]{3}[1-9]$/;

/** Vercel's own name: of an alias, of a native name; Vercel's default when there is none. */
export function regionOf(given: string | undefined): string {
  return given === undefined ? DEFAULT_REGION : (REGION_ALIASES[given] ?? given);
}

/** What is wrong with a region, or undefined. */
export function regionProblem(region: string): string | undefined {
  if (NATIVE.test(region)) return undefined;
  return `"${region}" ${noRegion()}`;
}

/** What a region is that cannot be one, after its name. */
export function noRegion(): string {
  return `is no region of Vercel. Use its own name (${REGIONS.replaceAll(' ', ', ')}), or one of: ${Object.keys(REGION_ALIASES).join(', ')}.`;
}
