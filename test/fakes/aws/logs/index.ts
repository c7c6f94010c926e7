/** CloudWatch Logs. */
import { jsonService } from '../core/json-protocol.ts';
import type { Input } from '../core/operation.ts';
import type { LogsPort, World } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { eventOperations } from './event-operations.ts';
import { groupOperations } from './group-operations.ts';
import { queryOperations } from './query-operations.ts';
import { LogStore } from './store.ts';

export function createLogsService(
  world: Pick<World, 'clock' | 'account' | 'region'>,
): Service & { readonly port: LogsPort } {
  const store = new LogStore(world);

  const service = jsonService({
    id: 'logs',
    targetPrefix: 'Logs_20140328',
    version: '1.1',
    operations: {
      ...groupOperations(store),
      ...eventOperations(store),
      ...queryOperations(store, world.clock, world.account),
    },
    resource: (operation, input) => resourceOf(store, operation, input),
    inventory: () => store.all.map(({ name }) => `logs group ${name}`),
  });

  return {
    ...service,
    port: {
      groupExists: (group) => store.find(group) !== undefined,
      // Lambda makes the group itself when it writes first.
      write(group, stream, timestampMs, message) {
        store.write(store.find(group) ?? store.create(group), stream, timestampMs, message);
      },
    },
  };
}

function resourceOf(store: LogStore, operation: string, input: Input): string {
  const { resourceArn, logGroupName, logGroupIdentifier, logStreamName } = input;
  if (typeof resourceArn === 'string') return resourceArn;
  if (operation === 'StartQuery') {
    const names = input['logGroupNames'];
    const first: unknown = logGroupName ?? (Array.isArray(names) ? names[0] : undefined);
    return typeof first === 'string' ? store.arnOf(first) : '*';
  }
  const name = logGroupName ?? logGroupIdentifier;
  if (typeof name !== 'string') return '*';
  const arn = name.startsWith('arn:') ? name : store.arnOf(name);
  if (operation !== 'PutLogEvents' && operation !== 'GetLogEvents') return `${arn}:*`;
  return `${arn}:log-stream:${typeof logStreamName === 'string' ? logStreamName : '*'}`;
}
