/** Reads what was posted to a topic, by the schema that the topic takes. */
import { isMap, textOf, type JsonMap } from '../core/json.ts';
import type { PlaneRequest } from '../core/service.ts';
import type { ArmFault } from '../core/service.ts';
import { sameId } from '../core/resource-id.ts';
import type { GridEvent } from './events.ts';

type Refuse = (message: string) => ArmFault;

export function readEvents(
  schema: string,
  request: PlaneRequest,
  topicId: string,
  refuse: Refuse,
): readonly GridEvent[] {
  return schema === 'CloudEventSchemaV1_0'
    ? readCloudEvents(request, refuse)
    : readGridEvents(request, topicId, refuse);
}

const CLOUD_TYPES: Readonly<Record<string, 'one' | 'batch'>> = {
  'application/cloudevents+json': 'one',
  'application/cloudevents-batch+json': 'batch',
};

function readCloudEvents({ headers, body }: PlaneRequest, refuse: Refuse): readonly GridEvent[] {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const form = CLOUD_TYPES[type];
  if (form === undefined) {
    throw refuse(
      "The Content-Type header is either missing or it doesn't have a valid value. The content type header must either be application/cloudevents+json; charset=UTF-8 or application/cloudevents-batch+json; charset=UTF-8.",
    );
  }
  const sent = parsed(body, refuse);
  if (Array.isArray(sent) !== (form === 'batch')) {
    const tokens = ['StartObject', 'StartArray'] as const;
    const [expected, actual] = form === 'one' ? tokens : tokens.toReversed();
    throw refuse(`${CLOUD} Token Expected: ${expected}, Actual Token Received: ${actual}.`);
  }
  const list: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
  return list.map((one) => ({
    schema: 'CloudEventSchemaV1_0',
    body: checkedCloudEvent(one, (why) => refuse(`${CLOUD} ${why}`)),
  }));
}

const CLOUD =
  "This resource is configured to receive event in 'CloudEventV10' schema. The JSON received does not conform to the expected schema.";

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes */
export function checkedCloudEvent(event: unknown, refuse: Refuse): JsonMap {
  if (!isMap(event)) throw refuse('An event is not an object.');
  for (const name of ['id', 'source', 'type']) {
    if (textOf(event[name]) === '') throw refuse(`The attribute '${name}' must be a text.`);
  }
  if (event['specversion'] !== '1.0') throw refuse("The attribute 'specversion' must be '1.0'.");
  const { subject, time } = event;
  if (subject !== undefined && subject !== null && typeof subject !== 'string') {
    throw refuse("The attribute 'subject' must be a text.");
  }
  if (time !== undefined && time !== null && !isTime(time)) {
    throw refuse("The attribute 'time' must be a time of RFC 3339.");
  }
  if ('data' in event && 'data_base64' in event) {
    throw refuse("An event has either 'data' or 'data_base64'.");
  }
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64') continue;
    if (!/^[a-z0-9]+$/.test(name)) throw refuse(`The attribute name '${name}' is not valid.`);
    if (isMap(value) || Array.isArray(value)) {
      throw refuse(`The attribute '${name}' must be a text, a number or a boolean.`);
    }
  }
  return event;
}

const GRID_MEMBERS = [
  'id',
  'topic',
  'subject',
  'eventType',
  'eventTime',
  'data',
  'dataVersion',
  'metadataVersion',
];

/** https://learn.microsoft.com/azure/event-grid/event-schema */
function readGridEvents(
  { body }: PlaneRequest,
  topicId: string,
  refuse: Refuse,
): readonly GridEvent[] {
  const sent = parsed(body, refuse);
  if (!Array.isArray(sent)) {
    throw refuse('Unexpected token when reading JSON. Expected: StartArray, actual: StartObject.');
  }
  return sent.map((one) => ({
    schema: 'EventGridSchema',
    body: { ...checkedGridEvent(one, topicId, refuse), topic: topicId, metadataVersion: '1' },
  }));
}

function checkedGridEvent(event: unknown, topicId: string, refuse: Refuse): JsonMap {
  const lead = "This resource is configured for 'EventGridEvent' schema.";
  if (!isMap(event)) throw refuse(`${lead} An event is not an object.`);
  const strange = Object.keys(event).find((name) => !GRID_MEMBERS.includes(name));
  if (strange !== undefined) {
    throw refuse(
      `${lead} Received unexpected property '${strange}' in JSON which does not conform to the expected schema.`,
    );
  }
  for (const name of ['id', 'subject', 'eventType', 'dataVersion']) {
    if (textOf(event[name]) === '') throw refuse(`${lead} The property '${name}' is required.`);
  }
  if (!isTime(event['eventTime'])) throw refuse(`${lead} The property 'eventTime' is not valid.`);
  const topic = event['topic'] ?? '';
  if (topic !== '' && !sameId(textOf(topic), topicId)) {
    throw refuse(`${lead} The property 'topic' must be empty, or the resource id of the topic.`);
  }
  const version = event['metadataVersion'] ?? '1';
  if (version !== '1') throw refuse(`${lead} The property 'metadataVersion' must be '1'.`);
  return event;
}

function isTime(value: unknown): boolean {
  return (
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

function parsed(body: Buffer, refuse: Refuse): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw refuse('The request content is not JSON.');
  }
}
