/** Watches over one group of two, without a shell to do it with. Prints the ids of both, and waits. */
import { spawn } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { COMMANDS, HostWatch } from '../../../providers/local/runtime/host-watch.ts';

const watch = new HostWatch(COMMANDS.with(0, ['/no/such/shell']));
const groups = [1, 2].map(
  () => spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).pid ?? 0,
);
for (const group of groups) watch.add(group);
for (const group of groups.slice(1)) watch.remove(group);
// By then it knows that there is no shell.
for (let turns = 0; turns < 10; turns += 1) await turn();
process.stdout.write(`groups ${groups.join(' ')}\n`);
setInterval(() => {}, 60_000);
