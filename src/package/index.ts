/** From an entry to an artifact. */
export { createPackager } from './packager.ts';
export { detailsOf } from './artifact.ts';
export type { CodeSpec, Packager, PackagerOptions } from './types.ts';
export { packageReport } from './report.ts';
export { formatPackageReport } from './report-table.ts';
