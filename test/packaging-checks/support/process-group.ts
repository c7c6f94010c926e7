/** Which processes of a group are still there. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';

/**
 * The ids of those that run. On Linux a process that has ended, and that nobody has asked about yet, does not count;
 * elsewhere the whole group is one entry.
 */
export function runningInGroup(group: number): readonly number[] {
  if (existsSync('/proc/self/stat'))
    return readdirSync('/proc').flatMap((id) => ifRunning(id, group));
  try {
    process.kill(-group, 0);
    return [group];
  } catch {
    return [];
  }
}

function ifRunning(id: string, group: number): readonly number[] {
  if (!/^\d+$/.test(id)) return [];
  try {
    // After the name, which stands in brackets and may hold anything: state, parent, group.
    const [state, , itsGroup] = readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(itsGroup) === group && state !== 'Z' ? [Number(id)] : [];
  } catch {
    return [];
  }
}
