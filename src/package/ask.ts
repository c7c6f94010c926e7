import { join } from 'node:path';
import { HANDLER_KINDS, type HandlerKind } from '../function/events.ts';
import type { Signature } from '../function/shim.ts';
import type { ArtifactFile } from '../spi/artifact.ts';
import type { Bundle } from './bundle.ts';
import type { FinishRequest } from './finish.ts';
import { startProbe, type Probe } from './probe.ts';
import { removeFolder, unpackedFolder } from './temporary.ts';

interface Asked {
  readonly handles: readonly HandlerKind[];
  readonly signature: Signature;
}

/** What the bundle handles: as declared, or as it says when it is loaded. */
export async function ask(
  request: FinishRequest,
  made: Bundle,
  files: readonly ArtifactFile[],
  needsProcess: boolean,
  thread: Probe | undefined,
): Promise<Asked> {
  const { spec, profile, name, nameOf } = request;
  if (spec.handles !== undefined) {
    return { handles: spec.handles, signature: spec.signature ?? 'polyfaas' };
  }
  // Not awaited on the way: the thread begins to load before this thread begins to hash.
  const folder = unpackedFolder(request.cacheFolder, files);
  // Add-ons may not bear a thread, and what starts processes must not do so from ours.
  const probe = needsProcess || !thread ? startProbe('process', request.env) : thread;
  try {
    const outcome = await probe.load(join(folder, profile.entryFile), request.loadTimeoutMs);
    if (outcome.type === 'failed') {
      const { loadRefused } = await import('./load-error.ts');
      const { entryFile } = profile;
      const { sourceMap } = made;
      const bundle = { root: request.root, folder, entryFile, sourceMap, nameOf };
      throw loadRefused(name, spec.entry ?? 'source', bundle, outcome);
    }
    return {
      handles: HANDLER_KINDS.filter((kind) => outcome.handles.includes(kind)),
      signature: SIGNATURES.find((signature) => signature === outcome.signature) ?? 'polyfaas',
    };
  } finally {
    if (probe !== thread) await probe.end();
    await removeFolder(folder);
  }
}

const SIGNATURES: readonly Signature[] = ['polyfaas', 'fetch', 'aws-lambda'];
