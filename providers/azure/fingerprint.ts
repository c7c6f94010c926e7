/** Digests of what is published, so that unchanged means unchanged. */
import { digestOf, type JsonObject } from 'polyfaas/spi';
import type { PackageManifest } from './manifest.ts';

/** How packages are put together. Another number makes every package a new one. */
const PACKAGE_FORM = 1;
const VERSION_LENGTH = 10;

/** The name of a version: the beginning of its digest. */
export function versionName(digest: string): string {
  return digest.slice(0, VERSION_LENGTH);
}

export function packageDigest(
  artifactDigest: string,
  manifest: PackageManifest,
  hostJson: JsonObject,
): string {
  return digestOf({ form: PACKAGE_FORM, artifactDigest, manifest, hostJson });
}
