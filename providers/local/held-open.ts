/** What Windows says of files that are open, and of the working folder of a process: neither can be moved or removed. */
const ON_WINDOWS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ENOTEMPTY']);

/**
 * True when a file or folder stays because somebody uses it, so that it can go later.
 *
 * @param platform elsewhere the same codes mean that this user may not do it, now or later.
 */
export function isHeldOpen(error: unknown, platform: string = process.platform): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return false;
  return error.code === 'EBUSY' || (platform === 'win32' && ON_WINDOWS.has(error.code));
}
