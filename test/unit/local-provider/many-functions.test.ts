/** What one function costs does not grow with how many others there are. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LocalStore } from '../../../providers/local/ports.ts';
import { CodeStore } from '../../../providers/local/state/code-store.ts';
import {
  FunctionStore,
  type FunctionSettings,
  type VersionBody,
} from '../../../providers/local/state/functions.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import type { FunctionRef } from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let store: LocalStore;
let functions: FunctionStore;
let code: CodeStore;
/** How many statements were run. */
let statements = 0;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-many-'));
  store = openStore({ folder, durability: 'process' });
  onTestFinished(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });
  functions = new FunctionStore({ ...partsOf(store), db: counting(store.db) });
  code = new CodeStore(folder, new ManualClock(), 'process');
});

const partsOf = ({ folder, migrate, transaction, close }: LocalStore): Omit<LocalStore, 'db'> => ({
  folder,
  migrate: migrate.bind(store),
  transaction: transaction.bind(store),
  close: close.bind(store),
});

function counting(db: LocalStore['db']): LocalStore['db'] {
  return new Proxy(db, {
    get(target, key) {
      if (key === 'prepare') return (sql: string) => countingRuns(target.prepare(sql));
      return boundIn(target, key);
    },
  });
}

function countingRuns(statement: StatementSync): StatementSync {
  return new Proxy(statement, {
    get(target, key) {
      if (key === 'get' || key === 'all' || key === 'run' || key === 'iterate') statements += 1;
      return boundIn(target, key);
    },
  });
}

function boundIn(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

const digestOf = (index: number): string => index.toString(16).padStart(40, '0');
const refOf = (index: number, app = 'shop'): FunctionRef => ({
  app,
  stage: 'dev',
  name: `f${index}`,
});
const nameOf = ({ app, stage, name }: FunctionRef): string => `${app}-${stage}-${name}`;

const SETTINGS: FunctionSettings = {
  description: '',
  minInstances: 0,
  maxInstances: 1,
  concurrency: 1,
  async: {
    retry: { maxAttempts: 1, backoff: 'fixed', delaySeconds: 0, maxDelaySeconds: 0, jitter: false },
    maxAgeSeconds: 60,
  },
  tags: {},
  sampleRate: null,
  instance: { isolation: 'auto', idleSeconds: 1, maxWaiting: 1 },
};

/** As a deploy leaves it. */
async function deploy(ref: FunctionRef, index: number): Promise<void> {
  const body: VersionBody = {
    digest: digestOf(index),
    artifactDigest: digestOf(index),
    entryFile: 'index.mjs',
    handles: ['invoke'],
    env: {},
    memoryMb: 128,
    timeoutSeconds: 1,
    needsProcess: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const { version, revision } = functions.publish(nameOf(ref), ref, body, null);
  functions.goLive(nameOf(ref), ref, { version, settings: SETTINGS }, revision);
  await mkdir(code.folderOf(digestOf(index)), { recursive: true });
}

async function statementsOf(work: () => unknown): Promise<number> {
  const before = statements;
  await work();
  return statements - before;
}

describe('with thirty functions as with three', () => {
  const costs = async (): Promise<readonly number[]> => [
    await statementsOf(() => functions.all()),
    await statementsOf(() => [...functions.list({ app: 'shop', stage: 'dev' })]),
    await statementsOf(() => code.sweep(functions)),
  ];

  it('takes as many statements to read all, to list them, and to look for code that is over', async () => {
    for (let index = 0; index < 3; index += 1) await deploy(refOf(index), index);
    const few = await costs();
    for (let index = 3; index < 30; index += 1) await deploy(refOf(index), index);
    expect(functions.all()).toHaveLength(30);
    expect(await costs()).toEqual(few);
  });
});

describe('the store of functions', () => {
  it('lists those of one app and stage, by name, with what is live', async () => {
    await deploy(refOf(2), 2);
    await deploy(refOf(1), 1);
    await deploy(refOf(3, 'other'), 3);
    expect([...functions.list({ app: 'shop', stage: 'dev' })]).toEqual([
      { name: 'f1', physicalName: 'shop-dev-f1', liveVersion: '1' },
      { name: 'f2', physicalName: 'shop-dev-f2', liveVersion: '1' },
    ]);
  });
});

describe('a sweep of the code', () => {
  it('deletes the code of those that are gone, and of no others', async () => {
    for (let index = 0; index < 4; index += 1) await deploy(refOf(index), index);
    functions.remove(nameOf(refOf(1)));
    functions.remove(nameOf(refOf(3)));
    await code.sweep(functions);
    const folder = join(store.folder, 'artifacts');
    expect((await readdir(folder)).toSorted()).toEqual([digestOf(0), digestOf(2)]);
  });

  it('leaves code alone that is published while others are deleted', async () => {
    for (let index = 0; index < 4; index += 1) await deploy(refOf(index), index);
    functions.remove(nameOf(refOf(1)));
    functions.remove(nameOf(refOf(3)));
    const published: Promise<void>[] = [];
    await code.sweep({
      artifactsInUse() {
        const seen = functions.artifactsInUse();
        published.push(deploy(refOf(3), 3));
        return seen;
      },
      mayNeedArtifact: (digest) => functions.mayNeedArtifact(digest),
    });
    await Promise.all(published);
    const folder = join(store.folder, 'artifacts');
    expect((await readdir(folder)).toSorted()).toEqual([0, 2, 3].map(digestOf));
  });
});
