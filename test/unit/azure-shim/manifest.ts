import type { PackageManifest } from '../../../providers/azure/manifest.ts';

/** What the shim finds beside its code, of the function `orders`. */
export function manifestOf(
  own: Pick<PackageManifest, 'handles' | 'triggers'> & Partial<PackageManifest>,
): PackageManifest {
  return {
    app: 'shop',
    stage: 'dev',
    functionName: 'orders',
    version: 'abc1234567',
    memoryMb: 512,
    timeoutSeconds: 5,
    region: 'westeurope',
    settings: '0123456789',
    env: [],
    ...own,
  };
}
