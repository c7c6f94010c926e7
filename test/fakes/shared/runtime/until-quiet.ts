/** Turns of the event loop without output after which none is on its way. */
const QUIET_TURNS = 2;

/**
 * What was printed before the answer was sent is in the pipes by now: it is read until nothing more comes.
 *
 * @param heardBytes how much was read so far
 */
export async function untilQuiet(heardBytes: () => number): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    const before = heardBytes();
    await new Promise((resolve) => void setImmediate(resolve));
    if (heardBytes() !== before) quiet = -1;
  }
}
