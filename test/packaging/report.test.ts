import { describe, expect, it } from 'vitest';
import { createPackager, formatPackageReport, packageReport } from '../../src/package/index.ts';
import { project, temporaryFolder } from './project.ts';

const files = {
  'node_modules/heavy/package.json': '{ "name": "heavy", "main": "index.js" }',
  'node_modules/heavy/index.js': `exports.text = '${'heavy '.repeat(20_000)}';`,
  'node_modules/@scope/light/package.json': '{ "name": "@scope/light", "main": "index.js" }',
  'node_modules/@scope/light/index.js': `exports.light = 'light';`,
  'a.ts': `import { text } from 'heavy';\nimport { light } from '@scope/light';\nexport default { invoke: async () => text.length + light.length };`,
};

describe('a package report', () => {
  it('says what takes the space and how long it takes to load', async () => {
    const { package: pack } = project(files);
    const artifact = await pack({ entry: 'a.ts' });
    const report = await packageReport(artifact, { loads: 1, folder: temporaryFolder() });

    expect(report).toMatchObject({ digest: artifact.digest, zipBytes: artifact.sizeBytes });
    expect(report.packages[0]).toMatchObject({ name: 'heavy' });
    expect(report.packages[0]?.share).toBeGreaterThan(0.5);
    expect(report.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['heavy', '@scope/light', 'polyfaas', '(own code)']),
    );
    expect(report.inputs[0]?.path).toBe('node_modules/heavy/index.js');
    expect(report.loadMs).toBeGreaterThan(0);
    const sum = report.packages.reduce(
      (total, { estimatedLoadMs }) => total + (estimatedLoadMs ?? 0),
      0,
    );
    expect(sum).toBeCloseTo(report.loadMs ?? 0, 5);
  });

  it('is the same for an artifact that was found in the cache', async () => {
    const { root, package: pack } = project(files);
    const { digest } = await pack({ entry: 'a.ts' });
    const found = await createPackager({ root }).get(digest);
    const report = await packageReport(found, { loads: 0 });
    expect(report.loadMs).toBeNull();
    expect(report.packages[0]).toMatchObject({ name: 'heavy', estimatedLoadMs: null });
  });

  it('covers modules that were added as they are, and code that does not load', async () => {
    const { package: pack } = project({
      ...files,
      'b.ts': `import { text } from 'heavy';\nthrow new Error(text.slice(0, 5));`,
    });
    const artifact = await pack({
      entry: 'b.ts',
      handles: ['invoke'],
      package: { external: ['heavy'] },
    });
    const report = await packageReport(artifact, { loads: 1, folder: temporaryFolder() });
    expect(report.loadMs).toBeNull();
    expect(report.packages[0]?.name).toBe('heavy');
  });

  it('of an image is empty', async () => {
    const { package: pack } = project({});
    const report = await packageReport(await pack({ image: 'shop/orders:1' }));
    expect(report).toMatchObject({ files: [], packages: [], loadMs: null });
  });

  it('is a table for people', async () => {
    const { package: pack } = project(files);
    const report = await packageReport(await pack({ entry: 'a.ts' }), { loads: 0 });
    const text = formatPackageReport({ ...report, loadMs: 12.4 }, 2);
    expect(text).toContain('loads in 12 ms');
    expect(text).toMatch(/^heavy\s+\d+\.\d KB\s+\d+\.\d %\s+-$/m);
    expect(text).toMatch(/\.\.\. and \d+ more/);
  });
});
