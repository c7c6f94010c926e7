/** The source that is uploaded: the artifact's files, and one that says what it is. */
import type { ArtifactFile, FunctionRef, HandlerKind } from 'polyfaas/spi';
import { MANIFEST_FILE, type SourceManifest } from '../manifest.ts';
import type { Target } from '../model.ts';
import type { PlatformSettings } from '../options.ts';

/** All of a manifest but the version, whose digest covers it. */
export type VersionlessManifest = Omit<SourceManifest, 'version'>;

export function versionlessManifest(
  { ref, location, projectId, settingsSecret }: ManifestPlace,
  platform: Pick<PlatformSettings, 'endpoints' | 'certificates'>,
  parts: {
    readonly memoryMb: number;
    readonly timeoutSeconds: number;
    readonly handles: readonly HandlerKind[];
  },
): VersionlessManifest {
  return {
    app: ref.app,
    stage: ref.stage,
    functionName: ref.name,
    memoryMb: parts.memoryMb,
    timeoutSeconds: parts.timeoutSeconds,
    region: location,
    projectId,
    handles: parts.handles,
    settingsSecret,
    endpoints: {
      pubsub: platform.endpoints.pubsub,
      secretmanager: platform.endpoints.secretmanager,
      certificates: platform.certificates,
    },
  };
}

type ManifestPlace = Pick<Target, 'location' | 'projectId' | 'settingsSecret'> & {
  readonly ref: FunctionRef;
};

/** What is zipped: the files of the artifact with the manifest among them, sorted by path. */
export function sourceFiles(
  artifact: readonly ArtifactFile[],
  manifest: SourceManifest,
): readonly ArtifactFile[] {
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const others = artifact.filter(({ path }) => path !== MANIFEST_FILE);
  return [...others, { path: MANIFEST_FILE, mode: 0o644, bytes }].toSorted((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
  );
}
