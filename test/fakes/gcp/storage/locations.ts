/** Where buckets may be. https://cloud.google.com/storage/docs/locations */

const MULTI_REGIONS = ['US', 'EU', 'ASIA'];
const DUAL_REGIONS = ['NAM4', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'ASIA1'];
const REGIONS =
  /^(?:AFRICA-SOUTH1|ASIA-(?:EAST[12]|NORTHEAST[123]|SOUTH[12]|SOUTHEAST[123])|AUSTRALIA-SOUTHEAST[12]|EUROPE-(?:CENTRAL2|NORTH[12]|SOUTHWEST1|WEST(?:[1-46-9]|10|12))|ME-(?:CENTRAL[12]|WEST1)|NORTHAMERICA-(?:NORTHEAST[12]|SOUTH1)|SOUTHAMERICA-(?:EAST1|WEST1)|US-(?:CENTRAL1|EAST[145]|SOUTH1|WEST[1-4]))$/;

/** In upper case. */
export function isLocation(location: string): boolean {
  return (
    MULTI_REGIONS.includes(location) || DUAL_REGIONS.includes(location) || REGIONS.test(location)
  );
}

export function locationTypeOf(location: string): string {
  if (MULTI_REGIONS.includes(location)) return 'multi-region';
  return DUAL_REGIONS.includes(location) ? 'dual-region' : 'region';
}
