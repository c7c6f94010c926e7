/**
 * Looks for what an interrupted change left behind: sources that still call the function though no binding names them.
 * The statements of the alias's policy tell them, because a source is let in before it is bound.
 */
import type { Executor, Target } from '../model.ts';
import type { AwsClients } from '../clients/index.ts';
import type { CallContext, StepResult } from 'polyfaas/spi';
import { bucketName, busArn, parseArn } from './arn.ts';
import { removeRule } from './bus/rule.ts';
import { removeHttpApis } from './http/delete-api.ts';
import { removeFunctionUrl } from './http/function-url.ts';
import type { HttpMode } from './http/mode.ts';
import { deleteAll, ownMappings } from './mapping.ts';
import { STATEMENT_PREFIX } from './names.ts';
import { clearNotifications } from './object/notifications.ts';
import { disallow, granted, URL_STATEMENTS, type Granted } from './permission.ts';
import { isOwnSchedule, removeSchedule, schedulesOf } from './schedule/schedule.ts';
import { inputOf } from './steps.ts';
import { endSubscription } from './topic/subscription.ts';

/** What belongs to the bindings that are wished. */
export interface Wanted {
  /** Ids of statements of the alias's policy. */
  readonly statements: readonly string[];
  /** ARNs of what mappings read; those of tables without their stream. */
  readonly mappings: readonly string[];
  /** Names of schedules. */
  readonly schedules: readonly string[];
  readonly http: HttpMode;
}

/** Takes away what is not wanted. Answers `{ uuids }`: mappings that are going. */
export const sweepBindings: Executor = async (aws, step, call) => {
  const { target, wanted } = inputOf<{ wanted: Wanted }>(step);
  if (wanted.http !== 'api') await removeHttpApis(aws, target, call);
  for (const statement of await granted(aws, target, call)) {
    if (isWanted(statement, wanted)) continue;
    await unbind(aws, target, statement, call);
    await disallow(aws, target, statement.id, call);
  }
  await sweepSchedules(aws, target, wanted, call);
  return await sweepMappings(aws, target, wanted, call);
};

export async function sweepSchedules(
  aws: AwsClients,
  target: Target,
  wanted: Pick<Wanted, 'schedules'>,
  call: CallContext,
): Promise<void> {
  for (const name of await schedulesOf(aws, target, call)) {
    if (wanted.schedules.includes(name)) continue;
    if (await isOwnSchedule(aws, target, name, call)) await removeSchedule(aws, name, call);
  }
}

export async function sweepMappings(
  aws: AwsClients,
  target: Target,
  wanted: Pick<Wanted, 'mappings'>,
  call: CallContext,
): Promise<StepResult> {
  const ours = await ownMappings(
    aws,
    target,
    call,
    ({ EventSourceArn = '' }) => !wanted.mappings.some((arn) => isSource(arn, EventSourceArn)),
  );
  return await deleteAll(aws, ours, call);
}

function isWanted({ id }: Granted, wanted: Wanted): boolean {
  if (URL_STATEMENTS.some((one) => one === id)) return wanted.http === 'url';
  // Those of an API go with it.
  if (id.startsWith(`${STATEMENT_PREFIX}http-`)) return wanted.http === 'api';
  return wanted.statements.includes(id);
}

/** A table's stream belongs to the table. */
function isSource(wanted: string, eventSourceArn: string): boolean {
  return eventSourceArn === wanted || eventSourceArn.startsWith(`${wanted}/stream/`);
}

async function unbind(
  aws: AwsClients,
  target: Target,
  { id, sourceArn }: Granted,
  call: CallContext,
): Promise<void> {
  // A URL that somebody else opened has no statement of ours.
  if (URL_STATEMENTS.some((one) => one === id)) await removeFunctionUrl(aws, target, call);
  const parts = sourceArn === undefined ? undefined : parseArn(sourceArn);
  if (sourceArn === undefined || parts === undefined) return;
  if (parts.service === 'sns') await endSubscription(aws, target, sourceArn, call);
  if (parts.service === 's3') await clearNotifications(aws, target, bucketName(sourceArn), call);
  if (parts.service === 'events') {
    const names = parts.resource.split('/').slice(1);
    const busName = names.length > 1 ? (names[0] ?? 'default') : 'default';
    // The rule is where its bus is, which may be another account.
    const bus = busArn(parts, busName);
    const name = names.at(-1) ?? '';
    await removeRule(aws, target, { name, bus, ruleArn: sourceArn, statementId: id }, call);
  }
}
