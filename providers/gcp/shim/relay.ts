/** Puts a change of a table into the topic of its binding: see `RELAY_PATH`. */
import { ATTRIBUTE, type BindingPolicy } from '../manifest.ts';
import { AGAIN, type Answer, DONE, RELAYED } from './answer.ts';
import type { Instance } from './instance.ts';
import { fitsAttribute, publish } from './send.ts';

/** Of the event: headers `ce-id`, `ce-time`, `ce-document` ... in CloudEvents' binary mode. */
const KEPT = ['id', 'source', 'type', 'time', 'subject', 'document', 'database'] as const;

export async function serveRelay(
  instance: Instance,
  { relay, binding }: BindingPolicy,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<Answer> {
  if (relay === null) return DONE;
  const attributes: Record<string, string> = {};
  for (const name of KEPT) {
    const value = textOf(headers[`ce-${name}`]);
    // A long name of a document is in the body, too.
    if (value !== '' && fitsAttribute(value)) attributes[`${ATTRIBUTE.cloudEvent}${name}`] = value;
  }
  const row = textOf(headers['ce-document']);
  try {
    await publish(instance.manifest.endpoints.pubsub, relay, {
      data: body,
      attributes,
      // What happens to a row is delivered in the order in which it came in.
      ...(row === '' ? {} : { orderingKey: fitsAttribute(row) ? row : digestOf(row) }),
    });
    return RELAYED;
  } catch (thrown) {
    const requestId = headers['ce-id'] ?? '';
    instance.sink.report(
      'error',
      `A change for "${binding.id}" is not relayed yet`,
      thrown,
      requestId,
    );
    return AGAIN;
  }
}

/** A header's value as it was meant: percent-encoded (CloudEvents, "HTTP Protocol Binding"), or in UTF-8 as it is. */
function textOf(header = ''): string {
  try {
    // Node reads headers as Latin-1.
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    const text = utf8.decode(Buffer.from(header, 'latin1'));
    return decodeURIComponent(text);
  } catch {
    return header;
  }
}

const digestOf = (text: string): string =>
  process.getBuiltinModule('node:crypto').hash('sha256', text);
