import { describe, expect, test } from 'vitest';
import { runtimeIssues } from '../../../providers/local/check-runtime.ts';

describe('The runtime of a function on this machine', () => {
  test.each(['node', 'node24'])('"%s" is what runs on Node 24', (runtime) => {
    expect(runtimeIssues({ name: 'orders', runtime }, '24.1.0')).toEqual([]);
  });

  test.each(['node22', 'node26'])('"%s" does not run on Node 24, which is said', (runtime) => {
    expect(runtimeIssues({ name: 'orders', runtime }, '24.1.0')).toEqual([
      {
        path: 'functions.orders.runtime',
        message: expect.stringContaining('which is 24.1.0'),
        warning: 'ignored',
      },
    ]);
  });

  test.each(['node2', 'node18', 'node20', 'node240'])('"%s" is refused', (runtime) => {
    const [issue, ...rest] = runtimeIssues({ name: 'orders', runtime }, '24.1.0');
    expect(rest).toEqual([]);
    expect(issue?.message).toContain(`no "${runtime}"`);
    expect(issue?.warning).toBeUndefined();
  });
});
