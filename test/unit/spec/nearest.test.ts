import { describe, expect, it } from 'vitest';
import { nearestName, typoOf } from '../../../src/spec/nearest.ts';

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

describe('a slip of a name', () => {
  it.each([
    ['enviroment', 'environment'],
    ['regoin', 'region'],
    ['eventBuss', 'event_bus'],
    ['nmae', undefined],
    ['regions', 'region'],
    ['env', undefined],
    ['name', 'name'],
    ['node', undefined],
    ['bus', undefined],
    ['region_name', undefined],
    ['', undefined],
  ])('such as %j is of %j', (name, meant) => {
    expect(typoOf(name, ['environment', 'region', 'event_bus', 'name', 'env', 'sus'])).toBe(meant);
  });
});
