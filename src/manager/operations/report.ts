import { inSourcesOf } from '../../package/in-sources.ts';
import { formatPackageReport } from '../../package/report-table.ts';
import { packageReport, type PackageReportOptions } from '../../package/report.ts';
import { standInEnv } from '../../package/stand-in-env.ts';
import type { FunctionSpec } from '../../spec/types.ts';
import type { FunctionRef } from '../../spi/plan.ts';
import type { CallOptions, FunctionPackageReport } from '../types.ts';
import type { OperationParts } from './parts.ts';

/** Packages a function, from the cache where nothing changed, and looks at what came out. */
export async function reportPackage(
  { engine, packager, settings }: OperationParts,
  ref: FunctionRef,
  given: FunctionSpec,
  options: PackageReportOptions & CallOptions,
): Promise<FunctionPackageReport> {
  const { declared, spec } = settings.normalize(ref.name, given);
  const env = standInEnv(spec.env);
  const artifact = await packager.package({
    name: ref.name,
    spec: declared,
    profile: engine.provider.packaging,
    env,
    signal: options.signal,
  });
  const report = await packageReport(artifact, options, env);
  return {
    ...report,
    text: formatPackageReport(report),
    inSources: await inSourcesOf(artifact),
  };
}
