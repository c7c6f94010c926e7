/** Lambda quotes the whole environment, values and all, when it is too large: no error of ours says it again. */
import type { Lambda } from '@aws-sdk/client-lambda';

const MEASURED = /String measured: [\s\S]*/;

/** The client, whose errors say what was wrong and no values. */
export function hidingMeasured(client: Lambda): Lambda {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) hideMeasured(error);
        throw error;
      }
    },
    { step: 'initialize', priority: 'high', name: 'polyfaasHidesMeasured' },
  );
  return client;
}

function hideMeasured(error: Error): void {
  const measured = MEASURED.exec(error.message)?.[0];
  if (measured === undefined) return;
  // The stack begins with the message.
  const stack = error.stack?.replace(measured, '');
  error.message = error.message.replace(measured, '').trimEnd();
  if (stack !== undefined) error.stack = stack;
}
