import { describe, expect, it } from 'vitest';
import { ServerlessError } from 'polyfaas';
import { fanOut } from '../../../src/targets/fan-out.ts';

const targets = new Map([
  ['aws', 'aws'],
  ['gcp', 'gcp'],
]);
const about = { operation: 'remove', name: 'orders' };
const kept = (where: string) => ({ type: 'other', message: `"pictures" is kept on ${where}` });
const both = { type: 'other', message: 'both say this' };

describe('warnings of several targets', () => {
  it('are all in the result, each once, and apart by target', async () => {
    const result = await fanOut(targets, about, (id) =>
      Promise.resolve({ removed: true, warnings: [both, kept(id)] }),
    );
    expect(result.warnings).toEqual([both, kept('aws'), kept('gcp')]);
    expect(result.targets?.['gcp']?.warnings).toEqual([both, kept('gcp')]);
  });

  it('are in the details when a target fails, its own and those of the others', async () => {
    const failing = fanOut(targets, about, (id) => {
      if (id === 'aws') return Promise.resolve({ removed: true, warnings: [kept(id)] });
      const details = { warnings: [kept(id)] };
      return Promise.reject(
        new ServerlessError({ code: 'UNAVAILABLE', provider: id, message: 'gone', details }),
      );
    });
    await expect(failing).rejects.toMatchObject({
      details: { warnings: [kept('aws'), kept('gcp')] },
    });
  });

  it('are not made up for what has none', async () => {
    const result = await fanOut(targets, about, () => Promise.resolve({ invocations: 1 }));
    expect(result).not.toHaveProperty('warnings');
  });
});
