/** Takes away a source that was made for a function that goes; or hands it on, when others use it. */
import type { Executor } from '../../model.ts';
import { objectAt } from '../../arm/json.ts';
import { nameOfId } from '../../names.ts';
import type { MadeSource } from '../../record.ts';
import { idKey, parseArmId } from '../arm-id.ts';
import { isUnderWay, put, read, remove } from '../arm.ts';
import { isOursOf, resourceOf } from '../ensure-source.ts';
import { marked } from '../marks.ts';
import type { EventOptions } from '../settings.ts';
import { sharedHosts } from '../shared.ts';
import type { SourceKind, SourceRef } from '../source.ts';
import { done, inputOf, type Where } from '../steps.ts';
import { begunBeside, isUsedBy, neighboursOf, type Neighbour } from './neighbours.ts';
import type { JsonObject } from 'polyfaas/spi';

/** Only what is ours goes. What others use, or may be about to, stays; as theirs where they declared it too. */
export const deleteSource: Executor = async (azure, step, call) => {
  const { target, source, options } = inputOf<{ source: MadeSource; options: EventOptions }>(step);
  const ref = refOf(target, source);
  if (ref === undefined) return done();
  const resource = resourceOf(ref);
  const stage = `deleting "${ref.name}"`;
  if (isUnderWay(call)) return await remove(azure, resource, call, stage);
  const found = await read(azure, resource, call);
  if (found === undefined || !isOursOf(target, ref, found)) return done();
  const neighbours = await neighboursOf(azure, target, call);
  const users = neighbours.filter((neighbour) => isUsedBy(neighbour, source.id, target, options));
  if (users.length === 0) {
    const known = new Set(neighbours.map(({ name }) => name));
    const begun = await begunBeside(azure, target, call);
    const unknown = begun.find((name) => !known.has(name));
    if (unknown === undefined) return await remove(azure, resource, call, stage);
    // Whether it reads from there too is told by its function app, once there is one.
    call.warn(`The ${source.kind} "${ref.name}" is kept: "${unknown}" may need it.`, {
      source: ref.name,
      owner: null,
    });
    return done();
  }
  const heir = heirOf(users, source);
  call.warn(`The ${source.kind} "${ref.name}" is kept: others use it.`, {
    source: ref.name,
    owner: heir ?? null,
  });
  // What is in a host of the app's needs no owner.
  if (heir === undefined || ref.shared !== null || ref.kind === 'bus') return done();
  return await put(azure, resource, bequeathed(target, ref, found, heir), call, 'handing it on');
};

/** A function that uses the source and declared it with `create: true` too. */
function heirOf(users: readonly Neighbour[], { kind, id }: MadeSource): string | undefined {
  return users.find(({ record }) =>
    record?.made.some((one) => one.kind === kind && idKey(one.id) === idKey(id)),
  )?.name;
}

/** The source as it is, with the marks of another function. */
function bequeathed(target: Where, ref: SourceRef, found: JsonObject, heir: string): object {
  const { properties, tags } = marked(ref, { ref: { ...target.ref, name: heir } });
  return {
    ...found,
    ...(tags === undefined ? {} : { tags: { ...objectAt(found, 'tags'), ...tags } }),
    properties: { ...objectAt(found, 'properties'), ...properties },
  };
}

const SERVICES = {
  storageQueue: ['queue', 'storage'],
  serviceBusQueue: ['queue', 'serviceBus'],
  container: ['container', 'storage'],
  topic: ['topic', 'serviceBus'],
  hub: ['hub', 'eventHubs'],
  table: ['table', 'cosmos'],
  bus: ['bus', 'eventGrid'],
} as const satisfies Readonly<Record<string, readonly [SourceKind, SourceRef['service']]>>;

/** A source by its id alone. */
function refOf(target: Where, { id }: MadeSource): SourceRef | undefined {
  const kind = parseArmId(id)?.kind;
  if (kind === undefined || !isSource(kind)) return undefined;
  const [source, service] = SERVICES[kind];
  const shared = Object.values(sharedHosts(target)).find((host) =>
    idKey(id).startsWith(`${idKey(host.id)}/`),
  );
  return {
    kind: source,
    service,
    id,
    name: nameOfId(id),
    hostId: shared?.id ?? id,
    shared: shared ?? null,
    isNative: false,
  };
}

function isSource(kind: string): kind is keyof typeof SERVICES {
  return Object.hasOwn(SERVICES, kind);
}
