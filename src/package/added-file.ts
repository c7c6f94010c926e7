import type { ArtifactFile } from '../spi/artifact.ts';

/** A file that is added to an artifact as it is. */
export interface AddedFile extends ArtifactFile {
  /** Where it was read, relative to the root. */
  readonly source: string;
}
