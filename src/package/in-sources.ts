import type { Artifact } from '../spi/artifact.ts';
import { SourcePositions } from '../spi/source-positions.ts';

/**
 * How stacks of an artifact's code are told in its sources, wherever a platform put the package. Leaves them as they are
 * where there is no source map.
 */
export async function inSourcesOf(artifact: Artifact): Promise<(stack: string) => string> {
  const map = await artifact.sourceMap?.();
  const positions = new SourcePositions({
    path: [artifact.entryFile],
    // A module that was added as it is may have a file of the same name.
    except: 'node_modules',
    readMap: () => Buffer.from(map ?? []).toString('utf8'),
  });
  return (stack) => positions.inSources(stack);
}
