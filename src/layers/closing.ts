/** Bounds the closing of an adapter, which has no signal: one that hangs would keep whoever closes it for ever. */
import { abortable } from '../engine/keyed-mutex.ts';
import { ServerlessError } from '../errors/index.ts';
import type { Clock } from '../spi/clock.ts';

/** How long, and whose. */
export interface ClosingParts {
  readonly provider: string;
  readonly clock: Clock;
  readonly attemptTimeoutSeconds: number;
}

/** @throws ServerlessError TIMEOUT when it takes longer than an attempt of any other call may. */
export async function closeInTime(
  { provider, clock, attemptTimeoutSeconds: seconds }: ClosingParts,
  close: () => unknown,
): Promise<void> {
  const late = new AbortController();
  const cancel = clock.after(seconds * 1000, () =>
    late.abort(
      new ServerlessError({
        code: 'TIMEOUT',
        provider,
        message: `The adapter "${provider}" was not closed within ${seconds} s (limits.attemptTimeoutSeconds). It is not waited for any more, and may still hold what it opened. If it happens again, that is a defect of the adapter: tell its authors.`,
      }),
    ),
  );
  try {
    await abortable((async () => close())(), late.signal);
  } finally {
    cancel();
  }
}
