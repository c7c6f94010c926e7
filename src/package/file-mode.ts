/** `\x7fELF`: a program of Linux. */
const ELF = [0x7f, 0x45, 0x4c, 0x46];
/** `#!`: a script. */
const SCRIPT = [0x23, 0x21];
/** Programs by their first bytes, which are loaded, and never started. */
const LIBRARY = /\.(?:node|so(?:\.\d+)*)$/;

/**
 * The permissions of a file that is added as it is: 0o755 for what can be started, 0o644 for the rest. Windows keeps no
 * such bits, so there the first bytes tell, and a package that is made there starts what one that is made on Linux does.
 *
 * @param mode as the system tells it.
 */
export function fileMode(
  path: string,
  mode: number,
  bytes: Uint8Array,
  platform: string = process.platform,
): 0o644 | 0o755 {
  const begins = (start: readonly number[]): boolean =>
    start.every((byte, index) => bytes[index] === byte);
  const starts =
    platform === 'win32'
      ? (begins(SCRIPT) || begins(ELF)) && !LIBRARY.test(path)
      : (mode & 0o111) !== 0;
  return starts ? 0o755 : 0o644;
}
