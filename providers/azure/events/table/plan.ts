/**
 * Tables: containers of Cosmos DB (API for NoSQL), read by their change feed. Tables that are made have the partition key
 * `/id`. What was read so far is noted in a container of leases beside the table, one for each binding: it comes and goes
 * with the binding.
 */
import { bindingSetting } from '../../manifest.ts';
import { databaseIdOf, connectionName, leasesName } from '../names.ts';
import { nameOfId } from '../../names.ts';
import { tableIdIn } from '../arm-id.ts';
import {
  deadLetterParts,
  NO_PARTS,
  settingRef,
  triggerOf,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { registrationRetry } from '../retry.ts';
import { ROLE } from '../roles.ts';
import { tableSource } from '../source.ts';
import { eventStep } from '../steps.ts';

const DATABASE = 'DATABASE';
const TABLE = 'TABLE';
const LEASES = 'LEASES';
const SINCE = 'SINCE';

/** The ARM id of the container of leases of a binding. */
function leasesIdOf({ target }: Pick<PlanContext, 'target'>, bindingId: string, tableId: string) {
  return tableIdIn(databaseIdOf(tableId), leasesName(target, bindingId, tableId));
}

/** A setting that holds when a resource was made. JSON. */
export interface SinceMade {
  readonly setting: string;
  /** The ARM id of the resource. */
  readonly id: string;
}

/**
 * Where a table is read from that was never read: from when the leases of the binding were made. Without it the feed
 * would begin at the first look of the host, which the roles of a new binding hold up for minutes. Undefined where the
 * table is read from its beginning.
 */
export function tableStart(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'table'>,
): SinceMade | undefined {
  if (event.from === 'oldest') return undefined;
  const { id } = tableSource(context, event.table);
  return {
    setting: bindingSetting(bindingId, SINCE),
    id: leasesIdOf(context, bindingId, id),
  };
}

export function planTable(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'table'>,
): BindingParts {
  const { target } = context;
  const dead = deadLetterParts(context, event);
  const source = tableSource(context, event.table);
  const connection = connectionName('cosmos', source.hostId);
  const databaseId = databaseIdOf(source.id);
  const leasesId = leasesIdOf(context, bindingId, source.id);
  const retry = registrationRetry(event.retry, dead.deadLetter !== null);
  return {
    ...NO_PARTS,
    uses: [...dead.uses, { source, field: 'table', create: event.create }],
    roles: [
      { scope: source.id, roleId: ROLE.cosmosReader },
      { scope: leasesId, roleId: ROLE.cosmosContributor },
      ...dead.roles,
    ],
    bound: [{ kind: 'leases', id: leasesId }],
    prepare: [
      eventStep(target, {
        id: `event-${bindingId}-own`,
        kind: 'ensure-leases',
        title: `Have the leases of the table "${source.name}" ready`,
        phase: 'prepare',
        input: { leasesId, bindingId },
      }),
    ],
    trigger: event.enabled
      ? triggerOf(bindingId, 'cosmosDB', {
          databaseName: settingRef(bindingId, DATABASE),
          containerName: settingRef(bindingId, TABLE),
          leaseContainerName: settingRef(bindingId, LEASES),
          // The identity may write leases, but not make containers.
          createLeaseContainerIfNotExists: false,
          connection,
          maxItemsPerInvocation: event.batchSize,
          // One of the two: the trigger refuses both.
          ...(event.from === 'oldest'
            ? { startFromBeginning: true }
            : { startFromTime: settingRef(bindingId, SINCE) }),
          ...(retry === undefined ? {} : { retry }),
        })
      : null,
    settings: {
      [bindingSetting(bindingId, DATABASE)]: nameOfId(databaseId),
      [bindingSetting(bindingId, TABLE)]: source.name,
      [bindingSetting(bindingId, LEASES)]: nameOfId(leasesId),
    },
    connections: [{ name: connection, service: 'cosmos', hostId: source.hostId }],
    source: source.name,
    deadLetter: dead.deadLetter,
  };
}
