/** Digests of what is built, so that unchanged means unchanged. */
import { digestOf, type JsonObject } from 'polyfaas/spi';
import type { SourceManifest } from './manifest.ts';

/** How sources and functions are put together. Another number makes every version a new one. */
const FORM = 1;
const VERSION_LENGTH = 10;

/** The name of a version: the beginning of its digest. */
export function versionName(digest: string): string {
  return digest.slice(0, VERSION_LENGTH);
}

/** What is fixed when a version is built. */
export interface VersionParts {
  /** Of the code, the environment, memory and timeout: what every platform keeps with a version. */
  readonly versionDigest: string;
  readonly manifest: Omit<SourceManifest, 'version'>;
  /** The function, without its source. */
  readonly wish: JsonObject;
}

export function digestOfVersion(parts: VersionParts): string {
  return digestOf({ form: FORM, ...parts });
}

/** The digest in the label `polyfaas-build`. */
export function buildDigest(wish: JsonObject, versionDigest: string): string {
  return digestOf({ form: FORM, wish, version: versionDigest });
}
