import { tmpdir } from 'node:os';

/**
 * The environment of a thread that is to have no other variables. Windows tells in `TEMP` alone where temporary files go;
 * without it, `os.tmpdir()` is no folder. A process is given it by Node.
 */
export function threadEnv(
  env: Readonly<Record<string, string>>,
  platform: string = process.platform,
): Record<string, string> {
  const isTold = env['TEMP'] !== undefined || env['TMP'] !== undefined;
  return platform === 'win32' && !isTold ? { ...env, TEMP: tmpdir() } : { ...env };
}
