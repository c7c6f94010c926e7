/** Two processes that change the events of one function: the second does all of its work between two calls of the first. */
import { expect } from 'vitest';
import type { ServerlessManager } from 'polyfaas/contract';
import { ended, removing, type Ending, type Part } from '../../support/two-processes.ts';
import { createStage, type Stage } from './stage.ts';

const NAME = 'shop-dev-main';
/** Roles and queues are known everywhere by then, and nothing is being changed any more. */
const QUIET_MS = 120_000;

export interface Meeting {
  /** What there is before, made by a hand. */
  readonly given?: (stage: Stage) => Promise<void>;
  /** The function before. */
  readonly before: readonly Part[];
  readonly first: Part;
  readonly second: Part;
}

/** How the loser is told. */
const LOST: ReadonlySet<string> = new Set(['CONFLICT', 'NOT_FOUND']);

interface Outcome {
  readonly first: Ending;
  readonly second: Ending | undefined;
}

const managed = (stage: Stage, { main }: Part): Promise<ServerlessManager> =>
  stage.manager({ functions: { main } });

const beside = (stage: Stage, { main }: Part): Promise<ServerlessManager> =>
  stage.manager({
    functions: { main },
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });

async function begin(stage: Stage, { before }: Pick<Meeting, 'before'>): Promise<void> {
  for (const part of before) await part.work(await beside(stage, part));
  await quiet(stage);
}

async function quiet(stage: Stage): Promise<void> {
  await stage.clock.advance(QUIET_MS);
  await stage.fake.settle();
}

/** The calls of the first one that nobody meets. */
export async function callsOf(meeting: Meeting): Promise<readonly string[]> {
  await using stage = await createStage();
  await meeting.given?.(stage);
  await begin(stage, meeting);
  const manager = await managed(stage, meeting.first);
  return await stage.during(() => meeting.first.work(manager));
}

/** The second one works right before the call number `call` of the first. */
async function meet(stage: Stage, meeting: Meeting, call: number): Promise<Outcome> {
  const [ours, theirs] = [await managed(stage, meeting.first), await beside(stage, meeting.second)];
  let second: Ending | undefined;
  stage.fake.faults.interrupt({
    call,
    async work() {
      second = await ended(meeting.second.work(theirs));
    },
  });
  const first = await ended(meeting.first.work(ours));
  stage.fake.faults.disarm();
  await quiet(stage);
  return { first, second };
}

/** The same in a world that was only just made. */
export async function begun(stage: Stage, meeting: Meeting, call: number): Promise<Outcome> {
  await meeting.given?.(stage);
  await begin(stage, meeting);
  return await meet(stage, meeting, call);
}

/** What calls the function, in the platform's words, without what only names it apart from an earlier one. */
async function ties(stage: Stage): Promise<readonly string[]> {
  await stage.fake.settle();
  return stage.fake.inventory().filter(isTie).map(plain).toSorted();
}

function isTie(line: string): boolean {
  if (line.startsWith('apigateway ')) return true;
  return line.includes(NAME) && !/^(?:logs|iam) |^lambda (?:function|version|alias) /.test(line);
}

/** Without UUIDs, times, and the ids of APIs. */
function plain(line: string): string {
  return line
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '#')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+/g, '#')
    .replaceAll(/(polyfaas-http)-[^\s"]+/g, '$1')
    .replace(/^(apigateway api \S+) .*/, '$1')
    .replace(/^(apigateway (?:integration|route|authorizer|stage)) \S+/, '$1')
    .replace(/^(apigateway integration) .*/, '$1');
}

async function toldBindings(stage: Stage): Promise<string> {
  const manager = await beside(stage, removing);
  const told = await manager.describe('main');
  return JSON.stringify(told?.bindings.map(({ id, event }) => [id, event]) ?? 'gone');
}

/** By what `describe` tells: what ties a function with just that, which nobody met. */
export async function expectedTies(
  meeting: Meeting,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const expected = new Map<string, readonly string[]>();
  for (const parts of [[], [meeting.first], [meeting.second], [meeting.first, meeting.second]]) {
    await using stage = await createStage();
    await meeting.given?.(stage);
    await begin(stage, meeting);
    // What the first one took away, the second one does not find.
    await begin(stage, { before: parts }).catch(() => undefined);
    await quiet(stage);
    const told = await toldBindings(stage);
    if (!expected.has(told)) expected.set(told, await ties(stage));
  }
  return expected;
}

/** One turn, in a world of its own; what must hold whoever won. */
export async function turn(
  meeting: Meeting,
  call: number,
  expected: ReadonlyMap<string, readonly string[]>,
): Promise<Outcome> {
  await using stage = await createStage();
  await meeting.given?.(stage);
  const clean = stage.fake.inventory();
  await begin(stage, meeting);
  const outcome = await meet(stage, meeting, call);
  const untold = [outcome.first, outcome.second].filter(
    (one) => one !== undefined && one !== 'ok' && !LOST.has(one.code),
  );
  expect(untold.map(String)).toStrictEqual([]);
  const told = await toldBindings(stage);
  const found = (await ties(stage)).join('\n');
  expect(found).toBe(expected.get(told)?.join('\n') ?? `what ${told} should be`);
  await (await beside(stage, removing)).remove('main');
  await quiet(stage);
  expect(stage.fake.inventory()).toStrictEqual(clean);
  return outcome;
}
