/** What was printed, and then what is printed: history and live streams of several deployments as one. */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { inTime, type Line, linesOf } from './entry.ts';
import { pastLines, type Whose } from './past.ts';
import { REOPEN_MS, Streams } from './streams.ts';
import { Told } from './told.ts';

/** So long after a stream was opened the log of requests is read again: it has what was printed before that by then. */
const AGAIN_MS = 10_000;
/** So far back: requests are found by when they came, and may have printed later. */
const LOOK_BACK_MS = 60_000;

/** Without an end: the caller ends it by its signal, or by reading no further. */
export async function* followedLines(
  vercel: VercelClients,
  whose: Whose,
  deploymentIds: ReadonlySet<string>,
  fromMs: number,
  call: CallContext,
): AsyncGenerator<readonly Line[]> {
  const { clock } = call;
  const told = new Told();
  const streams = new Streams(vercel, call, whose.projectId, [...deploymentIds]);
  async function* past(sinceMs: number, openedMs: number): AsyncGenerator<readonly Line[]> {
    told.readPast();
    const span = { fromMs: Math.max(fromMs, sinceMs), toMs: clock.now() };
    for await (const lines of pastLines(vercel, whose, deploymentIds, span, call)) {
      yield told.newInPast(lines, openedMs);
    }
    told.pastWasRead(clock.now());
  }
  try {
    // Before what was printed is read: a stream shows only what is printed after it was opened.
    streams.open();
    /** Those whose second reading is still to come. */
    const openings = [clock.now()];
    yield* past(fromMs, clock.now());
    for (;;) {
      const rows = await streams.next();
      const lines = rows.flatMap(linesOf).filter(({ timeMs }) => timeMs >= fromMs);
      yield told.newLive(lines.toSorted(inTime));
      const now = clock.now();
      const due = openings.filter((openedMs) => now >= openedMs + AGAIN_MS);
      openings.splice(0, due.length);
      const [openedMs] = due;
      if (openedMs !== undefined) yield* past(openedMs - LOOK_BACK_MS, openedMs);
      told.forget(now);
      if (streams.areOver) await clock.sleep(REOPEN_MS, call.signal);
      // Nobody listened since the stream before it ended.
      if (streams.open()) openings.push(clock.now());
    }
  } finally {
    await streams.close();
  }
}
