/** Events on their way through Event Grid, and the two forms that they are delivered in. */
import { isMap, textOf, type JsonMap } from '../core/json.ts';

export type EventSchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/** As it came in; of the Event Grid schema with its topic. */
export interface GridEvent {
  readonly schema: EventSchema;
  readonly body: JsonMap;
}

export function typeOfEvent({ schema, body }: GridEvent): string {
  return textOf(schema === 'CloudEventSchemaV1_0' ? body['type'] : body['eventType']);
}

/**
 * What an event has at a filter's key: `subject`, `data.order.state`. Names of the envelope are known in any case of
 * letters; a key leads through objects only.
 */
export function valueAt({ body }: GridEvent, key: string): unknown {
  const [first = '', ...rest] = key.split('.');
  const name = Object.keys(body).find((one) => one.toLowerCase() === first.toLowerCase());
  const start = name === undefined ? undefined : body[name];
  return rest.reduce<unknown>(
    (value, part) => (isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined),
    start,
  );
}

/** An event in the form that it is to be delivered in. Out of CloudEvents nothing else is made. */
export function inSchema({ schema, body }: GridEvent, wanted: EventSchema): JsonMap {
  if (schema === wanted || schema === 'CloudEventSchemaV1_0') return body;
  const { id, topic, subject, eventType, eventTime, data, dataVersion } = body;
  return {
    id,
    source: topic,
    type: eventType,
    specversion: '1.0',
    ...(subject !== '' && { subject }),
    time: eventTime,
    ...(typeof dataVersion === 'string' && dataVersion !== '' && { dataversion: dataVersion }),
    data,
  };
}

/** With seven places behind the second, as .NET writes it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
