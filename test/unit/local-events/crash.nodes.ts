import { afterEach, describe, expect, it } from 'vitest';
import { startProcess } from '../local-store/child-process.ts';
import type { TestProcess } from '../local-store/child-process.ts';
import { temporaryFolders } from '../local-store/temporary-folder.ts';
import { seeded } from './harness.ts';

const CHILD = new URL('./crash-child.ts', import.meta.url);
const KILLS = 5;

describe('kill -9', () => {
  const newFolder = temporaryFolders();
  const started: TestProcess[] = [];

  /** Starts processes on one folder. */
  const starter = (): ((...parameters: readonly string[]) => TestProcess) => {
    const folder = newFolder();
    return (...parameters) => {
      const one = startProcess(CHILD, folder, ...parameters);
      started.push(one);
      return one;
    };
  };

  afterEach(async () => {
    await Promise.all(
      started.splice(0).map((one) => {
        one.child.kill('SIGKILL');
        return one.ended;
      }),
    );
  });

  it('in the middle of deliveries loses nothing that was accepted', async () => {
    const start = starter();
    const random = seeded(99);
    const lines: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const one = start('send', `run${kill}`);
      // Some events in, at a moment that nothing in the child knows of.
      await one.line(`accepted run${kill}-${20 + Math.floor(random() * 200)}`);
      one.child.kill('SIGKILL');
      await one.ended;
      lines.push(...one.lines);
    }
    const last = start('drain');
    expect([await last.ended, last.errors]).toEqual([0, []]);
    lines.push(...last.lines);

    const ids = (what: string): string[] =>
      lines
        .filter((line) => line.startsWith(`${what} `))
        .map((line) => line.slice(what.length + 1));
    const accepted = ids('accepted');
    const handled = new Set(ids('handled'));
    const dead = ids('dead').join('\n');
    expect(new Set(accepted.map((id) => id.split('-')[0])).size).toBe(KILLS);
    // Deliveries were under way: the drain had something to do, and did it.
    expect(last.lines.filter((line) => line.startsWith('handled ')).length).toBeGreaterThan(0);
    expect(accepted.filter((id) => !handled.has(id) && !dead.includes(`"${id}"`))).toEqual([]);
    expect(ids('warning')).toEqual([]);
  });

  it('while deliveries end whose bindings are gone loses none of them', async () => {
    const start = starter();
    const killed = start('leave', 'run0');
    await killed.line('removed');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const last = start('drain');
    expect([await last.ended, last.errors]).toEqual([0, []]);
    const dead = last.lines.filter((line) => line.startsWith('dead ')).join('\n');
    expect([0, 1, 2].filter((number) => !dead.includes(`run0-${number}`))).toEqual([]);
    // Counted, once for each of the bindings.
    expect(last.lines.filter((line) => line.includes('1 went to the dead letter'))).toHaveLength(3);
  });
});
