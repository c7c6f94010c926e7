/** Asynchronous invocations: a topic in front of the handler, with retries and destinations. */
import { type JsonValue, fieldsOf, jsonOf, serializeError } from 'polyfaas/function';
import { OverdueError } from 'polyfaas/http';
import { ATTRIBUTE, type AsyncRules, type SendTarget } from '../manifest.ts';
import { AGAIN, type Answer, DONE, TOO_SLOW } from './answer.ts';
import type { Instance } from './instance.ts';
import type { Delivery } from './push.ts';
import { isRefusedForGood, publish } from './send.ts';

/** The message holds what came of a call that has run, on its way to that destination, which did not take it yet. */
const OUTCOME_ATTRIBUTE = 'polyfaas-outcome';

type Destination = 'onSuccess' | 'onFailure';

export async function serveAsync(
  instance: Instance,
  rules: AsyncRules,
  delivery: Delivery,
): Promise<Answer> {
  const { allAttributes: attributes, attempt, id } = delivery;
  const waiting = attributes[OUTCOME_ATTRIBUTE];
  if (waiting === 'onSuccess' || waiting === 'onFailure') {
    return passOn(instance, rules[waiting], delivery);
  }
  const requestId = attributes[ATTRIBUTE.requestId] ?? id;
  const input = jsonOf(fieldsOf(delivery.data)['input'] ?? null);
  // The clock of who called may be behind, and the attribute may be anybody's; Pub/Sub has its own.
  const sentAt = Math.max(
    Date.parse(attributes[ATTRIBUTE.sentAt] ?? '') || 0,
    Date.parse(delivery.sentAt),
  );
  const outcome = (result: object): JsonValue => ({
    requestId,
    function: instance.identity.functionName,
    version: instance.identity.version,
    attempts: attempt,
    input,
    ...result,
  });
  const failed = async (thrown: unknown): Promise<Answer> => {
    const { name, message } = serializeError(thrown);
    if (rules.onFailure === null) {
      instance.sink.report(
        'error',
        `The asynchronous call ${requestId} is given up`,
        thrown,
        requestId,
      );
      return DONE;
    }
    return tell(instance, rules, 'onFailure', outcome({ error: { name, message } }), requestId);
  };
  if ((Date.now() - sentAt) / 1_000 > rules.maxAgeSeconds) {
    return failed(new Error('The invocation is too old.'));
  }
  let output: JsonValue;
  try {
    const call = { kind: 'invoke', event: input } as const;
    output = jsonOf(await instance.call(call, { requestId, attempt, trace: delivery.trace }));
  } catch (thrown) {
    instance.sink.report('warn', 'An asynchronous call failed', thrown, requestId);
    if (attempt >= rules.maxAttempts) return failed(thrown);
    return thrown instanceof OverdueError ? TOO_SLOW : AGAIN;
  }
  if (rules.onSuccess === null) return DONE;
  return tell(instance, rules, 'onSuccess', outcome({ output }), requestId);
}

/** The call has run, and must not run again because its destination takes nothing now: the outcome alone waits. */
async function tell(
  instance: Instance,
  rules: AsyncRules,
  where: Destination,
  outcome: JsonValue,
  requestId: string,
): Promise<Answer> {
  const destination = rules[where];
  if (destination === null) return DONE;
  const { pubsub } = instance.manifest.endpoints;
  const data = Buffer.from(JSON.stringify(outcome));
  const attributes = { [ATTRIBUTE.requestId]: requestId };
  try {
    await publish(pubsub, destination, { data, attributes });
    return DONE;
  } catch (thrown) {
    instance.sink.report('warn', `The destination ${where} is tried again`, thrown, requestId);
  }
  try {
    await publish(pubsub, rules.topic, {
      data,
      attributes: { ...attributes, [OUTCOME_ATTRIBUTE]: where },
    });
    return DONE;
  } catch (refused) {
    if (!isRefusedForGood(refused)) return AGAIN;
    // It is too large for either. A failure here would run the call again, to the same end.
    const lost = `The outcome of the asynchronous call ${requestId} is dropped: neither ${where} nor its own topic takes it`;
    instance.sink.report('error', lost, refused, requestId);
    return DONE;
  }
}

async function passOn(
  instance: Instance,
  destination: SendTarget | null,
  delivery: Delivery,
): Promise<Answer> {
  if (destination === null) return DONE;
  const { [OUTCOME_ATTRIBUTE]: _waiting, ...attributes } = delivery.allAttributes;
  try {
    await publish(instance.manifest.endpoints.pubsub, destination, {
      data: delivery.bytes,
      attributes,
    });
    return DONE;
  } catch (thrown) {
    instance.sink.report('warn', 'An outcome waits for its destination', thrown, delivery.id);
    return AGAIN;
  }
}
