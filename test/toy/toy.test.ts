import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collectContract,
  contractCases,
  fixtureSource,
  runContract,
  type ContractSubject,
} from 'polyfaas/contract';
import {
  CAPABILITY_KEYS,
  type Capability,
  type CapabilityKey,
  type EventSpec,
  type SpecIssue,
} from 'polyfaas/spi';
import { QUICK_AREAS } from '../support/areas.ts';
import { makeToySubject, type Spoil } from './toy-subject.ts';
import { WRONG_ACCOUNTS } from './wrong-accounts.ts';
import { WRONG_INVOCATIONS } from './wrong-invocations.ts';
import { WRONG_MANNERS } from './wrong-manners.ts';
import { WRONG_PLANS } from './wrong-plans.ts';
import { WRONG_REMOVALS } from './wrong-removals.ts';
import { WRONG_TOYS } from './wrong.ts';

/** The right adapter without one capability, though with those that stand before it. */
function without(key: CapabilityKey, before: readonly CapabilityKey[]): Spoil {
  const has: Capability = { support: 'native', via: 'nothing, for this test' };
  return (provider) => ({
    ...provider,
    capabilities: {
      ...provider.capabilities,
      features: {
        ...provider.capabilities.features,
        ...Object.fromEntries(before.map((one) => [one, has])),
        [key]: { support: 'none', why: 'For this test.' },
      },
    },
  });
}

// The faults, which take as long as all the rest, have a file of their own.
runContract('toy', () => makeToySubject(), { describe, it, afterAll }, { areas: QUICK_AREAS });

describe('the contract can fail', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyfaas-toys-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for([
    ...WRONG_TOYS,
    ...WRONG_REMOVALS,
    ...WRONG_ACCOUNTS,
    ...WRONG_INVOCATIONS,
    ...WRONG_MANNERS,
    ...WRONG_PLANS,
  ])('notices an adapter that $what', async ({ spoil, watched, noticedBy }) => {
    const results = await collectContract(() => makeToySubject(spoil, root), {
      only: watched,
      caseTimeoutMs: 60_000,
    });
    expect(results.map(({ id }) => id)).toEqual(watched);
    const failed = results.filter(({ status }) => status === 'failed').map(({ id }) => id);
    expect(failed.toSorted()).toEqual(noticedBy.toSorted());
  });
});

describe('a subject whose levers do nothing', () => {
  const idle = {
    count: async (work: () => Promise<unknown>) => {
      await work();
      return 3;
    },
    arm: () => {},
    interrupt: () => {},
    disarm: () => {},
  };

  it.for<[string, Partial<ContractSubject>, string, string]>([
    ['counts no writes', { writes: () => Promise.resolve(0) }, 'deploy/live', 'writes'],
    ['lists nothing', { inventory: () => Promise.resolve([]) }, 'deploy/live', 'inventory'],
    ['breaks no call', { faults: idle }, 'faults/deploy-crash', 'faults.arm'],
    ['lets nobody in between', { faults: idle }, 'meanwhile/deploys', 'faults.interrupt'],
  ])('is noticed, and named: it %s', async ([, change, id, lever]) => {
    const results = await collectContract(
      async () => ({ ...(await makeToySubject()), ...change }),
      { only: [id] },
    );
    const error = { message: expect.stringContaining(`\`${lever}\``) };
    expect(results).toMatchObject([{ id, status: 'failed', error }]);
  });
});

describe('a choice of cases', () => {
  it('leaves out what is named', async () => {
    const results = await collectContract(() => makeToySubject(), {
      areas: ['warm'],
      except: ['warm/counted'],
    });
    const all = contractCases.filter(({ area }) => area === 'warm').map(({ id }) => id);
    expect(results.map(({ id }) => id)).toEqual(all.filter((id) => id !== 'warm/counted'));
    expect(all).toContain('warm/counted');
  });

  it('takes areas where it takes ids', async () => {
    const results = await collectContract(() => makeToySubject(), {
      only: ['warm', 'bus', 'fleet/list-empty'],
      except: ['bus'],
    });
    const warm = contractCases.filter(({ area }) => area === 'warm').map(({ id }) => id);
    expect(results.map(({ id }) => id)).toEqual(['fleet/list-empty', ...warm]);
  });
});

describe('a function that cases share', () => {
  it('is deployed once, and is gone at the end', async () => {
    const names: string[] = [];
    let left: readonly string[] = ['not asked'];
    const results = await collectContract(
      async () => {
        const subject = await makeToySubject();
        return {
          ...subject,
          manager: (config, variation) => {
            names.push(config.app);
            return subject.manager(config, variation);
          },
          close: async () => {
            left = await subject.inventory();
            await subject.close();
          },
        };
      },
      { only: ['invoke/json-scalars', 'invoke/json-empty'] },
    );
    expect(results.map(({ status }) => status)).toEqual(['passed', 'passed']);
    expect(names.map((name) => name.replace(/-.*/, ''))).toEqual(['probe', 'stand1']);
    expect(left).toEqual([]);
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
    'invoke.version',
    'event.queue',
    'event.queue.deadLetter',
    'event.topic',
    'event.topic.deadLetter',
    'event.object.deadLetter',
    'event.stream.deadLetter',
    'event.table.deadLetter',
    'event.bus.deadLetter',
    'metrics.counts',
  ])('asserts that %s is refused where there is none', async (key) => {
    const first = contractCases.find(({ requires }) => requires.includes(key));
    const { requires = [] } = first ?? {};
    const spoil = without(key, requires.slice(0, requires.indexOf(key)));
    const results = await collectContract(() => makeToySubject(spoil, root), {
      only: [first?.id ?? ''],
    });
    expect(results).toMatchObject([{ status: 'passed', mode: 'refused', missing: key }]);
  });
});

describe('an event that only the adapter knows to be wrong', () => {
  const event = { type: 'topic', topic: 'news', id: 'news' } as const;
  const path = 'functions.main.events.news.topic';
  const knowing =
    (issue: SpecIssue): Spoil =>
    (provider) => ({
      ...provider,
      validateBinding: (functionName, { id }) =>
        functionName === 'main' && id === 'news' ? [issue] : [],
    });
  const open = async (issue: SpecIssue) => {
    const subject = await makeToySubject(knowing(issue));
    const manager = (events: readonly EventSpec[]) =>
      subject.manager({
        app: 'shop',
        stage: 'dev',
        functions: { main: { source: fixtureSource(), events } },
      });
    return { subject, manager };
  };

  it('is refused, declared or added, before anything is sent', async () => {
    const { subject, manager } = await open({ path, message: 'It is reserved.' });
    try {
      const refusal = { code: 'INVALID_ARGUMENT', message: `${path}: It is reserved.` };
      await expect((await manager([event])).deploy('main')).rejects.toMatchObject(refusal);
      expect(await subject.writes()).toBe(0);
      const plain = await manager([]);
      await plain.deploy('main');
      const writes = await subject.writes();
      const calls = await subject.faults?.count(() =>
        expect(plain.configureEvent('main', event)).rejects.toMatchObject(refusal),
      );
      expect(calls).toBe(0);
      expect(await subject.writes()).toBe(writes);
    } finally {
      await subject.close();
    }
  });

  it('is bound with a warning where the adapter only warns', async () => {
    const issue = { path, message: 'It is slow.', warning: 'other' } as const;
    const warning = { type: 'other', field: path, message: 'It is slow.' };
    const { subject, manager } = await open(issue);
    try {
      expect((await (await manager([event])).plan('main')).warnings).toContainEqual(warning);
      const plain = await manager([]);
      await plain.deploy('main');
      const bound = await plain.configureEvent('main', event);
      expect(bound).toMatchObject({ changed: true, warnings: [warning] });
    } finally {
      await subject.close();
    }
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
