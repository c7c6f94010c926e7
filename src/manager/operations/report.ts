import {
  packageReport,
  type PackageReport,
  type PackageReportOptions,
} from '../../package/report.ts';
import type { FunctionSpec } from '../../spec/types.ts';
import type { FunctionRef } from '../../spi/plan.ts';
import type { CallOptions } from '../types.ts';
import type { OperationParts } from './parts.ts';

/** Packages a function, from the cache where nothing changed, and looks at what came out. */
export async function reportPackage(
  { engine, packager, settings }: OperationParts,
  ref: FunctionRef,
  given: FunctionSpec,
  options: PackageReportOptions & CallOptions,
): Promise<PackageReport> {
  const { declared } = settings.normalize(ref.name, given);
  const artifact = await packager.package({
    name: ref.name,
    spec: declared,
    profile: engine.provider.packaging,
    signal: options.signal,
  });
  return packageReport(artifact, options);
}
