/** From an entry to an artifact. */
export { createPackager } from './packager.ts';
export { detailsOf } from './artifact.ts';
export type {
  CodeSpec,
  PackageDetails,
  Packager,
  PackageRequest,
  PackagerOptions,
  SizedFile,
} from './types.ts';
export type { PackageReport, PackageReportOptions, PackageShare } from './report.ts';
export { packageReport } from './report.ts';
export { formatPackageReport } from './report-table.ts';
