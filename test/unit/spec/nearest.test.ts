import { describe, expect, it } from 'vitest';
import { nearestName } from '../../../src/spec/nearest.ts';

const FUNCTION_FIELDS = [
  'description',
  'handler',
  'runtime',
  'memoryMb',
  'timeoutSeconds',
  'env',
  'events',
  'minInstances',
  'maxInstances',
  'concurrency',
  'architecture',
  'async',
  'tracing',
  'keepVersions',
  'tags',
];

describe('the name that was probably meant', () => {
  it.each([
    ['memory', 'memoryMb'],
    ['memroy', 'memoryMb'],
    ['memorySize', 'memoryMb'],
    ['memory_mb', 'memoryMb'],
    ['timeout', 'timeoutSeconds'],
    ['timeuot', 'timeoutSeconds'],
    ['timeoutMs', 'timeoutSeconds'],
    ['environment', 'env'],
    ['concurency', 'concurrency'],
    ['maxInstance', 'maxInstances'],
  ])('by %s is %s', (name, meant) => {
    expect(nearestName(name, FUNCTION_FIELDS)).toBe(meant);
  });

  it.each(['retries', 'role', 'vpc', 'x', ''])('by "%s" is none', (name) => {
    expect(nearestName(name, FUNCTION_FIELDS)).toBeUndefined();
  });
});
