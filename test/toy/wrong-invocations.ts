/** Wrong adapters whose invocations run more often than they were asked for, or are told as if they had not run. */
import { ServerlessError, type ErrorCode } from 'polyfaas/spi';
import { ToyError } from './cloud.ts';
import type { Spoil } from './toy-subject.ts';
import { cases, invoking, type WrongToy } from './wrong.ts';

/** Says of failures with this code that the function did not run, though it did. */
const denying =
  (code: ErrorCode, retryable: boolean): Spoil =>
  (provider) =>
    invoking(provider, (result) =>
      result.catch((cause: unknown) => {
        if (codeOf(cause) !== code || !(cause instanceof Error)) throw cause;
        const details = { timeoutSeconds: 1, didNotRun: true };
        throw new ServerlessError({ code, retryable, details, message: cause.message, cause });
      }),
    );

function codeOf(cause: unknown): string | undefined {
  return cause instanceof ToyError || ServerlessError.isInstance(cause) ? cause.code : undefined;
}

const WATCHED = cases(/^invoke\/(timeout|timeout-not-retried|error-not-retried|exit)$/);

/** Says of the functions that it has called that nobody answers, when they are gone. */
const rememberingWhom: Spoil = (provider) => {
  const called = new Set<string>();
  return {
    ...provider,
    async invoke(...call) {
      const [{ app, name }] = call;
      try {
        const result = await provider.invoke(...call);
        called.add(`${app}/${name}`);
        return result;
      } catch (cause) {
        if (codeOf(cause) !== 'NOT_FOUND' || !called.has(`${app}/${name}`)) throw cause;
        throw new ServerlessError({ code: 'UNAVAILABLE', message: 'Nobody answers.', cause });
      }
    },
  };
};

export const WRONG_INVOCATIONS: readonly WrongToy[] = [
  {
    what: 'cannot tell what was removed from what is out of reach, once it has called it',
    spoil: rememberingWhom,
    watched: cases(/^remove\/(then-invoke|known-to-callers)$/),
    noticedBy: ['remove/known-to-callers'],
  },
  {
    what: 'lets a call that took too long be run again',
    spoil: denying('TIMEOUT', true),
    watched: WATCHED,
    noticedBy: ['invoke/timeout-not-retried'],
  },
  {
    what: 'runs again by itself what took too long',
    spoil: (provider) => ({
      ...provider,
      invoke: (...call) =>
        provider.invoke(...call).catch((error: unknown) => {
          if (codeOf(error) !== 'TIMEOUT') throw error;
          return provider.invoke(...call);
        }),
    }),
    watched: WATCHED,
    noticedBy: ['invoke/timeout-not-retried'],
  },
  {
    what: 'says of a call that took too long that it did not run',
    spoil: denying('TIMEOUT', false),
    watched: WATCHED,
    noticedBy: ['invoke/timeout-not-retried'],
  },
  {
    what: 'says of a handler that failed that it did not run',
    spoil: denying('FUNCTION_FAILED', false),
    watched: WATCHED,
    noticedBy: ['invoke/error-not-retried', 'invoke/exit'],
  },
];
