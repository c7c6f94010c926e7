/** Runs the program on one platform, and measures each verb. */
import { createHash } from 'node:crypto';
import type { ContractSubject } from 'polyfaas/contract';
import type { JsonValue } from 'polyfaas/function';
import { canonicalJson } from 'polyfaas/spi';
import { program, type Verb } from './program.ts';

export interface Measured {
  readonly verb: Verb;
  /** Real time: of the library, and of the fake, which waits for nothing. */
  readonly durationMs: number;
  /** Requests to the platform; null where there is no wire. */
  readonly wireCalls: number | null;
  readonly answer: JsonValue;
  /** Of the answer. */
  readonly digest: string;
}

export async function tour(
  platform: string,
  makeSubject: () => Promise<ContractSubject>,
  onDone: (measured: Measured) => void = () => {},
): Promise<readonly Measured[]> {
  const subject = await makeSubject();
  const { faults, clock } = subject;
  const all: Measured[] = [];
  try {
    await program(
      platform,
      {
        manager: (config) => subject.manager(config),
        pass: (ms) => clock.advance(ms),
      },
      async (verb, work) => {
        let answer: JsonValue = null;
        const began = performance.now();
        const run = async (): Promise<void> => {
          answer = await work();
        };
        const isWire = platform !== 'local' && faults !== undefined;
        const wireCalls = isWire ? await faults.count(run) : await run().then(() => null);
        const measured = {
          verb,
          durationMs: performance.now() - began,
          wireCalls,
          answer,
          digest: createHash('sha256').update(canonicalJson(answer)).digest('hex').slice(0, 8),
        };
        all.push(measured);
        onDone(measured);
      },
    );
  } finally {
    await subject.close();
  }
  return all;
}
