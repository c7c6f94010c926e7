import { ServerlessError } from '../errors/index.ts';
import type { PackagingProfile } from '../spi/artifact.ts';
import type { SizedFile } from './types.ts';

/** Refuses an artifact that the platform would refuse. */
export function checkLimits(
  functionName: string,
  limits: PackagingProfile['limits'],
  sizes: { readonly zipBytes: number; readonly unpackedBytes: number },
  files: readonly SizedFile[],
  inputs: readonly SizedFile[] = [],
): void {
  for (const [what, size, limit] of [
    ['zip', sizes.zipBytes, limits.zipBytes],
    ['unpacked', sizes.unpackedBytes, limits.unpackedBytes],
  ] as const) {
    if (limit !== undefined && size > limit) {
      throw tooLarge(
        functionName,
        what,
        `${formatBytes(size)} (${size} bytes)`,
        limit,
        files,
        inputs,
      );
    }
  }
}

/** The error for an artifact over a limit, with what weighs most and what to do. */
export function tooLarge(
  functionName: string,
  what: 'zip' | 'unpacked',
  size: string,
  limit: number,
  files: readonly SizedFile[],
  inputs: readonly SizedFile[] = [],
): ServerlessError {
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  const heaviest = [...inputs].slice(0, 5);
  const list = (items: readonly SizedFile[]): string =>
    items.map(({ path, bytes }) => `${path} ${formatBytes(bytes)}`).join(', ');
  const noun = what === 'zip' ? 'The zip' : 'The unpacked code';
  return new ServerlessError({
    code: 'PAYLOAD_TOO_LARGE',
    message: [
      `Function "${functionName}": ${noun} has ${size}; the platform takes at most ${formatBytes(limit)} (${limit} bytes).`,
      ...(largest.length > 0 ? [`Largest files: ${list(largest)}.`] : []),
      ...(heaviest.length > 0 ? [`Most of the bundle: ${list(heaviest)}.`] : []),
      'Drop or replace the largest packages, narrow `package.include`, or list modules that the platform has in `package.external`. Nothing was sent.',
    ].join(' '),
    function: functionName,
    details: {
      limitBytes: limit,
      largest: largest.map(({ path, bytes }) => ({ path, bytes })),
    },
  });
}

/** Such as `1.4 MB`, in powers of 1,024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
