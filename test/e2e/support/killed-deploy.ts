/**
 * Sends messages, deploys the second release, and kills itself at one of the points where the provider touches its
 * disk. Prints `accepted <id>` once a message was accepted, and `points <number>` when it got to the end.
 *
 * Parameters: the root; the number of the point, or -1; `before`, `during` or `after`; the file for handled messages.
 */
import { writeSync } from 'node:fs';
import { localOf, openShop, release } from './counter-shop.ts';

const [root = '', point = '-1', moment = 'before', file = ''] = process.argv.slice(2);
const killAt = Number(point);
let points = -1;

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const manager = await openShop(root, {
  async run(_name, _changes, act) {
    const isHere = points >= 0 && points === killAt;
    if (points >= 0) points += 1;
    if (isHere && moment === 'before') die();
    // In the middle of what takes more than a moment; what takes none is over by then.
    if (isHere && moment === 'during') setTimeout(die, Math.random() * 3);
    const value = await act();
    if (isHere) die();
    return value;
  },
});

const orders = localOf(manager).sources.queue('orders');
const sending = (async () => {
  for (let number = 0; number < 30; number += 1) {
    const id = `${process.pid}-${number}`;
    await orders.send({ id, file });
    writeSync(1, `accepted ${id}\n`);
  }
})();

points = 0;
await manager.deploy('counter', { spec: release(2) });
const reached = points;
await sending;
await manager.close();
writeSync(1, `points ${reached}\n`);
