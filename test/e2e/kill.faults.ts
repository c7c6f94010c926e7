/** A real process is killed while it deploys; the next one finds one whole release, and loses nothing. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas';
import { localOf, openShop, release, type Release } from './support/counter-shop.ts';
import { runChild, type ChildRun } from './support/run-child.ts';

const MOMENTS = ['before', 'during', 'after'] as const;

const base = mkdtempSync(join(tmpdir(), 'polyfaas-kill-'));
const template = join(base, 'template');
let folders = 0;

/** A folder with the first release, as a process before left it. */
function newRoot(): string {
  folders += 1;
  const root = join(base, `run-${folders}`);
  cpSync(template, root, { recursive: true });
  return root;
}

const handledFile = (root: string): string => join(root, 'handled.txt');

const deployAndDie = (root: string, point: number, moment: string): Promise<ChildRun> =>
  runChild('./killed-deploy.ts', root, String(point), moment, handledFile(root));

const artifactsOf = (root: string): readonly string[] =>
  readdirSync(join(root, '.polyfaas', 'local', 'artifacts'));

/** Those too that have never been live, which nobody is told of: the next deploy goes on with one, or deletes it. */
function storedVersions(root: string): number {
  const db = new DatabaseSync(join(root, '.polyfaas', 'local', 'state.db'), { readOnly: true });
  const [row] = db.prepare('SELECT count(*) AS versions FROM fn_versions').all();
  db.close();
  return Number(row?.['versions']);
}

const words = (run: ChildRun, prefix: string): readonly string[] =>
  run.lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));

/** A release in all its parts, as they can be seen from outside. */
interface Parts {
  readonly code: number;
  readonly env: string;
  readonly memoryMb: number;
  readonly declaredMemoryMb: number | undefined;
  readonly bindings: readonly string[] | undefined;
  readonly page: string;
}

async function partsOf(manager: ServerlessManager): Promise<Parts> {
  const { output } = await manager.invoke<Release>('counter');
  const description = await manager.describe('counter');
  const live = description?.versions.find(({ version }) => version === description.liveVersion);
  const response = await fetch(`${description?.url}/release-${output.code}`);
  return {
    ...output,
    declaredMemoryMb: live?.memoryMb,
    bindings: description?.bindings.map(({ id }) => id),
    page: await response.text(),
  };
}

const whole = (number: number): Parts => ({
  code: number,
  env: String(number),
  memoryMb: 128 * number,
  declaredMemoryMb: 128 * number,
  bindings: ['orders', `route-${number}`],
  page: `release ${number}`,
});

/** Opens the folder that a dead process left, and goes on from there. */
async function recover(root: string, run: ChildRun) {
  // The lock of the dead is taken over: nothing waits, nothing is refused.
  await using manager = await openShop(root);
  const found = await partsOf(manager);
  const orphans = artifactsOf(root).length - storedVersions(root);

  await manager.deploy('counter', { spec: release(2) });
  const after = await partsOf(manager);
  const { steps } = await manager.plan('counter', { spec: release(2) });
  const versions = (await manager.describe('counter'))?.versions.length;
  const artifacts = artifactsOf(root).length;

  await localOf(manager).settle();
  const file = handledFile(root);
  const handled = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  const lost = words(run, 'accepted ').filter((id) => !handled.has(id));
  return { found, orphans, after, steps, versions, artifacts, lost };
}

/** What has to be found, whichever release was live when the process died. */
const recovered = (found: number) => ({
  found: whole(found),
  orphans: 0,
  after: whole(2),
  steps: [],
  versions: 2,
  artifacts: 2,
  lost: [],
});

describe('a process that is killed', () => {
  beforeAll(async () => {
    mkdirSync(template);
    const manager = await openShop(template);
    await manager.deploy('counter');
    // Packaged once here, so that the processes need not.
    await manager.plan('counter', { spec: release(2) });
    await manager.close();
  });

  afterAll(() => rmSync(base, { recursive: true, force: true }));

  it('at any point of a deploy leaves one whole release, and the next one goes on', async () => {
    const calm = newRoot();
    const run = await deployAndDie(calm, -1, 'before');
    expect(run).toMatchObject({ code: 0, signal: null, errors: '' });
    expect(await recover(calm, run)).toEqual(recovered(2));
    const points = Number(words(run, 'points ')[0]);
    expect(points).toBeGreaterThanOrEqual(4);

    const turn = Math.floor(Math.random() * MOMENTS.length);
    const deaths = Array.from({ length: points }, (_, point) => ({
      point,
      moment: MOMENTS[(point + turn) % MOMENTS.length] ?? 'before',
    }));
    const live = new Set<number>();
    for (const { point, moment } of [...deaths, { point: points - 1, moment: 'after' }]) {
      const root = newRoot();
      const killed = await deployAndDie(root, point, moment);
      const place = `${moment} point ${point}`;
      expect({ ...killed, place }).toMatchObject({ place, signal: 'SIGKILL', errors: '' });
      const found = await recover(root, killed);
      // Either one, but the whole of it.
      expect({ ...found, place }).toEqual({ ...recovered(found.found.code), place });
      live.add(found.found.code);
    }
    expect(live).toEqual(new Set([1, 2]));
  });

  it('twice in a row leaves no more than killed once', async () => {
    const root = newRoot();
    const first = await deployAndDie(root, 1, 'during');
    const second = await deployAndDie(root, 3, 'after');
    expect([first.signal, second.signal]).toEqual(['SIGKILL', 'SIGKILL']);
    const found = await recover(root, { ...second, lines: [...first.lines, ...second.lines] });
    expect(found).toEqual(recovered(found.found.code));
  });
});
