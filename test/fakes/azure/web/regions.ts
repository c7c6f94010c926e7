/** App Service answers with the names of regions for people, whatever name it was asked with. */

const NAMES = [
  'West Europe',
  'North Europe',
  'Germany West Central',
  'France Central',
  'UK South',
  'Sweden Central',
  'Switzerland North',
  'Italy North',
  'Poland Central',
  'East US',
  'East US 2',
  'West US',
  'West US 2',
  'West US 3',
  'Central US',
  'North Central US',
  'South Central US',
  'Canada Central',
  'Brazil South',
  'Brazil Southeast',
  'Japan East',
  'Korea Central',
  'Southeast Asia',
  'East Asia',
  'Central India',
  'South India',
  'Australia East',
  'UAE North',
  'South Africa North',
];

const DISPLAY = new Map(NAMES.map((name) => [regionKey(name), name]));

/** `westeurope`, for `West Europe` as for itself. */
export function regionKey(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `westeurope`, ... */
export const REGIONS: readonly string[] = [...DISPLAY.keys()];

/** `West Europe`, for `westeurope`. */
export function regionName(name: string): string {
  return DISPLAY.get(regionKey(name)) ?? name;
}
