import { digestOf } from 'polyfaas/spi';
import type { VersionConfig } from './model.ts';

/** Tells whether what the next version is made of is what it was, or what it is to be. */
export function fingerprint(config: VersionConfig | null, codeSha256: string): string {
  return digestOf({ config, codeSha256 });
}
