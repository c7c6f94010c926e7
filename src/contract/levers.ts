/** A subject whose levers say which of them failed: what a fake throws would be taken for what the adapter did. */
import { textOf } from '../errors/text-of.ts';
import type { ContractSubject } from './subject.ts';

/** Managers, and the work that `faults` disturbs, fail as they do: that is the adapter's. */
export function withNamedLevers(subject: ContractSubject): ContractSubject {
  const { clock, faults, secrets, samples, witness, unguardedCalls } = subject;
  const { redrive, signedCall } = subject;
  return {
    manager: (config, variation) => subject.manager(config, variation),
    emit: (emission) => named(`emit({ kind: '${emission.kind}' })`, () => subject.emit(emission)),
    settle: () => named('settle()', () => subject.settle()),
    clock: {
      now: () => clock.now(),
      advance: (ms) => named(`clock.advance(${ms})`, () => clock.advance(ms)),
    },
    inventory: () => named('inventory()', () => subject.inventory()),
    stranger: (ref) => named('stranger()', () => subject.stranger(ref)),
    deadLetters: (queue) => named('deadLetters()', () => subject.deadLetters(queue)),
    secrets: { set: (name, value) => named('secrets.set()', () => secrets.set(name, value)) },
    writes: () => named('writes()', () => subject.writes()),
    close: () => subject.close(),
    ...(faults && { faults }),
    ...(samples && { samples }),
    ...(witness && { witness }),
    ...(unguardedCalls !== undefined && { unguardedCalls }),
    ...(redrive && {
      redrive: (queue) => named('redrive()', () => redrive.call(subject, queue)),
    }),
    ...(signedCall && {
      signedCall: (ref, input, options) =>
        named('signedCall()', () => signedCall.call(subject, ref, input, options)),
    }),
  };
}

async function named<Value>(lever: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`The subject's ${lever} failed: ${textOf(cause)}`, { cause });
  }
}
