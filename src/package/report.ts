import type { Artifact } from '../spi/artifact.ts';
import { detailsOf } from './artifact.ts';
import { packageOf } from './native.ts';
import type { SizedFile } from './types.ts';

/** What one package, or the user's own code, takes. */
export interface PackageShare {
  /** `(own code)` for the user's files. */
  readonly name: string;
  readonly bytes: number;
  /** Of all bytes: 0 to 1. */
  readonly share: number;
  /** The part of the loading time that falls to it by its bytes; `null` where nothing was measured. */
  readonly estimatedLoadMs: number | null;
}

/** What takes the space, and how long the code takes to load at a cold start. */
export interface PackageReport {
  readonly digest: string;
  readonly zipBytes: number;
  readonly unpackedBytes: number;
  /** The files of the artifact, largest first. */
  readonly files: readonly SizedFile[];
  /** Source files by their bytes in the bundle, and files added as they are; largest first. */
  readonly inputs: readonly SizedFile[];
  /** The same by package, largest first. */
  readonly packages: readonly PackageShare[];
  /**
   * Median time of loading the bundle in a fresh process, with the declared environment and stand-ins for secrets; `null`
   * when it does not load.
   */
  readonly loadMs: number | null;
  readonly warnings: readonly string[];
}

/** How a report is made. */
export interface PackageReportOptions {
  /** How many fresh processes load the code: 0 to 20; 0 measures nothing. Default 3. */
  readonly loads?: number;
  /** Where the code is unpacked for loading. Default: the system's folder for temporary files. */
  readonly folder?: string;
}

const OWN_CODE = '(own code)';

/** Says what takes the space in an artifact, and what is slow to load. */
export async function packageReport(
  artifact: Artifact,
  options: PackageReportOptions = {},
  env: Readonly<Record<string, string>> = {},
): Promise<PackageReport> {
  const contents = artifact.form === 'image' ? [] : await artifact.files();
  const files = contents
    .map(({ path, bytes }) => ({ path, bytes: bytes.byteLength }))
    .sort(largestFirst);
  const details = detailsOf(artifact);
  const bundled = details?.inputs ?? [];
  const inputs = [
    ...bundled,
    ...files.filter(({ path }) => bundled.length === 0 || path !== artifact.entryFile),
  ].sort(largestFirst);
  const loadMs =
    artifact.form === 'image' ? null : await measured(artifact, contents, options, env);
  return {
    digest: artifact.digest,
    zipBytes: artifact.sizeBytes,
    unpackedBytes: artifact.unpackedBytes,
    files,
    inputs,
    packages: byPackage(inputs, loadMs),
    loadMs,
    warnings: details?.warnings ?? [],
  };
}

async function measured(
  artifact: Artifact,
  contents: Awaited<ReturnType<Artifact['files']>>,
  { loads = 3, folder }: PackageReportOptions,
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  if (loads === 0) return null;
  const { medianLoadMs } = await import('./measure.ts');
  return medianLoadMs(artifact.entryFile, contents, loads, folder, env);
}

function byPackage(inputs: readonly SizedFile[], loadMs: number | null): PackageShare[] {
  const sums = new Map<string, number>();
  for (const { path, bytes } of inputs) {
    const name = path.startsWith('polyfaas:') ? 'polyfaas' : (packageOf(path) ?? OWN_CODE);
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [...sums]
    .map(([name, bytes]) => {
      const share = total === 0 ? 0 : bytes / total;
      return { name, bytes, share, estimatedLoadMs: loadMs === null ? null : loadMs * share };
    })
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

const largestFirst = (a: SizedFile, b: SizedFile): number =>
  b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
