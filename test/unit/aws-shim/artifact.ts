/** An artifact as the project's own packager makes it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagingProfile } from '../../../providers/aws/shim/packaging.ts';
import { createPackager } from '../../../src/package/index.ts';
import type { Artifact } from '../../../src/spi/index.ts';
import { sharePackages } from '../../support/shared-packages.ts';

export async function pack(source: string, signature?: 'aws-lambda'): Promise<Artifact> {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-shim-'));
  sharePackages(root);
  try {
    const artifact = await createPackager({ root }).package({
      name: 'orders',
      spec: { source, ...(signature === undefined ? {} : { signature }) },
      profile: packagingProfile({}),
    });
    // Read before the folder goes.
    const [zip, files] = [await artifact.zip(), await artifact.files()];
    return { ...artifact, zip: async () => zip, files: async () => files };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export async function packZip(source: string, signature?: 'aws-lambda'): Promise<Uint8Array> {
  return await (await pack(source, signature)).zip();
}
