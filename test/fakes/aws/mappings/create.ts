/** Reading and checking what CreateEventSourceMapping and UpdateEventSourceMapping say. */
import { randomUUID } from 'node:crypto';
import {
  optionalNumber,
  optionalText,
  optionalTextMap,
  text,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { invalidValue } from './faults.ts';
import { Mapping, type StartingPoint } from './mapping.ts';
import { defaultSettings, readSettings, type Settings } from './settings.ts';
import { checkDestination, checkExists, checkRole, kindOf, type SourceKind } from './source.ts';

const POSITIONS = ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'];

/** The ARN of a function that was named in one of the many ways. */
export function functionArn(world: World, name: string): string {
  if (name.startsWith('arn:')) return name;
  const plain = name.replace(/^\d{12}:/, '').replace(/^function:/, '');
  return `arn:aws:lambda:${world.region}:${world.account}:function:${plain}`;
}

/** A new mapping, once everything about it is sound. */
export function createMapping(world: World, body: Input): Mapping {
  const source = optionalText(body, 'EventSourceArn');
  if (source === undefined) {
    throw invalidValue(
      'Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported source: null',
    );
  }
  const kind = kindOf(source);
  const arn = functionArn(world, text(body, 'FunctionName', { min: 1, max: 256 }));
  const start = readStart(kind, source, body);
  const settings = readSettings(
    kind,
    source.endsWith('.fifo'),
    body,
    defaultSettings(kind, arn),
    true,
  );
  checkScene(world, kind, source, settings);
  const uuid = randomUUID();
  return new Mapping(world.clock, {
    uuid,
    arn: `arn:aws:lambda:${world.region}:${world.account}:event-source-mapping:${uuid}`,
    source,
    kind,
    start,
    settings,
    tags: new Map(Object.entries(optionalTextMap(body, 'Tags') ?? {})),
  });
}

/** The settings after an update, once everything about them is sound. */
export function updatedSettings(world: World, mapping: Mapping, body: Input): Settings {
  const name = optionalText(body, 'FunctionName');
  const { kind, source } = mapping;
  const settings = readSettings(kind, source.endsWith('.fifo'), body, mapping.settings, false);
  const after =
    name === undefined ? settings : { ...settings, functionArn: functionArn(world, name) };
  checkScene(world, kind, source, after);
  return after;
}

function readStart(kind: SourceKind, source: string, body: Input): StartingPoint | undefined {
  const position = optionalText(body, 'StartingPosition', { oneOf: POSITIONS });
  const timestamp = optionalNumber(body, 'StartingPositionTimestamp');
  if (kind === 'sqs') {
    if (position === undefined) return undefined;
    throw invalidValue('StartingPosition is not valid for SQS event sources.');
  }
  if (position === undefined) {
    throw invalidValue(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (position !== 'AT_TIMESTAMP') {
    if (timestamp === undefined) return { position };
    throw invalidValue('Timestamp only valid with StartingPosition AT_TIMESTAMP');
  }
  if (kind === 'dynamodb') {
    throw invalidValue(`Unsupported starting position for arn type: ${source}`);
  }
  if (timestamp === undefined) {
    throw invalidValue('StartingPositionTimestamp must be provided for AT_TIMESTAMP');
  }
  return { position, timestamp: timestamp * 1000 };
}

/** What the function, its role, and the source must be like. */
function checkScene(world: World, kind: SourceKind, source: string, settings: Settings): void {
  const described = world.lambda.describe(settings.functionArn);
  if (!described) throw invalidValue('Function does not exist');
  const { roleArn, timeoutSeconds } = described;
  // The role is looked at first: who may not read a queue is not told that there is none.
  checkRole(world, roleArn, kind, source);
  checkExists(world, kind, source);
  if (settings.onFailure !== undefined) checkDestination(world, roleArn, settings.onFailure);
  const hidden = kind === 'sqs' ? world.sqs.visibilityTimeoutSeconds(source) : undefined;
  if (hidden !== undefined && hidden < timeoutSeconds) {
    throw invalidValue(
      `Queue visibility timeout: ${hidden} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
}
