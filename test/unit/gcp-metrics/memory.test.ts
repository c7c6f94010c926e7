/** Cloud Monitoring tells memory as a share of what its own revision may have. */
import { describe, expect, it } from 'vitest';
import { monitored, version } from './monitored.ts';

const VERSIONS = [version('small', 256), version('large', 1_024), version(null, 8_192)];

describe('the most memory that was used', () => {
  it('is a share of what the revision had that used it, not of what the live one has', async () => {
    const { used, read } = await monitored();
    used('small', 0.895);
    used('large', 0.095);
    // Ends of buckets, which are hundredths: 90 % of 256 MB, and 10 % of 1,024 MB.
    expect(await read(VERSIONS)).toMatchObject({ maxMemoryMb: 230 });
    used('large', 0.495);
    expect(await read(VERSIONS)).toMatchObject({ maxMemoryMb: 512 });
  });

  it('leaves out revisions that nobody knows, and is unknown where there are only such', async () => {
    const { used, read } = await monitored();
    used('gone', 0.895);
    expect(await read(VERSIONS)).toMatchObject({ maxMemoryMb: null });
    used('small', 0.495);
    expect(await read(VERSIONS)).toMatchObject({ maxMemoryMb: 128 });
  });
});
