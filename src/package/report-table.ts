import { formatBytes } from './limits.ts';
import type { PackageReport } from './report.ts';

/** The report as a table for a terminal. */
export function formatPackageReport(report: PackageReport, rows = 12): string {
  const shown = report.packages.slice(0, rows);
  const table = [
    ['package', 'bytes', 'share', 'load'],
    ...shown.map(({ name, bytes, share, estimatedLoadMs }) => [
      name,
      formatBytes(bytes),
      `${(share * 100).toFixed(1)} %`,
      estimatedLoadMs === null ? '-' : `~${estimatedLoadMs.toFixed(1)} ms`,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const more = report.packages.length - shown.length;
  return [
    `zip ${formatBytes(report.zipBytes)}, unpacked ${formatBytes(report.unpackedBytes)}, loads in ${
      report.loadMs === null ? 'unknown time' : `${report.loadMs.toFixed(0)} ms`
    }`,
    '',
    ...lines,
    ...(more > 0 ? [`... and ${more} more`] : []),
    ...report.warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}
