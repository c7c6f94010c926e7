import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectContract, contractCases, runContract } from 'polyfaas/contract';
import { CAPABILITY_KEYS, type CapabilityKey } from 'polyfaas/spi';
import { makeToySubject, type Spoil } from '../toy/toy-subject.ts';
import { WRONG_TOYS } from '../toy/wrong.ts';

/** The right adapter, with one capability less. */
function without(key: CapabilityKey): Spoil {
  return (provider) => ({
    ...provider,
    capabilities: {
      ...provider.capabilities,
      features: {
        ...provider.capabilities.features,
        [key]: { support: 'none', why: 'For this test.' },
      },
    },
  });
}

runContract('toy', () => makeToySubject(), { describe, it, afterAll });

describe('the contract can fail', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyfaas-toys-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for(WRONG_TOYS)('notices an adapter that $what', async ({ spoil, watched, noticedBy }) => {
    const results = await collectContract(() => makeToySubject(spoil, root), {
      only: watched,
      caseTimeoutMs: 20_000,
    });
    expect(results.map(({ id }) => id)).toEqual(watched);
    const failed = results.filter(({ status }) => status === 'failed').map(({ id }) => id);
    expect(failed.toSorted()).toEqual(noticedBy.toSorted());
  });
});

describe('the contract turned round', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyfaas-toys-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for<CapabilityKey>([
    'deploy.adopt',
    'deploy.rollback',
    'deploy.secrets',
    'invoke.sync',
    'invoke.async',
    'invoke.asyncRetry',
    'event.queue',
    'event.queue.deadLetter',
    'event.topic',
    'metrics.counts',
  ])('asserts that %s is refused where there is none', async (key) => {
    const first = contractCases.find(({ requires }) => requires.includes(key));
    const spoil = without(key);
    const results = await collectContract(() => makeToySubject(spoil, root), {
      only: [first?.id ?? ''],
    });
    expect(results).toMatchObject([{ status: 'passed', mode: 'refused', missing: key }]);
  });
});

describe('the contract itself', () => {
  it('has cases with ids of their own', () => {
    const ids = contractCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(contractCases.every(({ id, area }) => id.startsWith(`${area}/`))).toBe(true);
    expect(ids.length).toBeGreaterThan(110);
  });

  it('has a case for every capability', () => {
    const asked = new Set(contractCases.flatMap(({ requires }) => requires));
    expect(CAPABILITY_KEYS.filter((key) => !asked.has(key))).toEqual([]);
  });

  it('can be met by an adapter of at most 300 lines', async () => {
    const files = ['provider.ts', 'capabilities.ts', 'shim.ts'];
    const texts = await Promise.all(
      files.map((file) => readFile(new URL(`../toy/${file}`, import.meta.url), 'utf8')),
    );
    const lines = texts
      .join('')
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(300);
  });
});
