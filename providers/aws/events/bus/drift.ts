import { sameJson } from 'polyfaas/spi';
import { aliasArn } from '../../model.ts';
import { statementProblem, type DriftScope, type Problem } from '../drift/scope.ts';
import { ifThere } from '../failures.ts';
import { TARGET_ID, type RuleWish } from './rule.ts';

/** What is wrong with a rule and its target, or undefined. */
export async function ruleDrift(scope: DriftScope, wish: RuleWish): Promise<Problem> {
  const { aws, target, call } = scope;
  const events = await aws.eventbridge();
  const options = { abortSignal: call.signal };
  const listed = await ifThere(
    events.listRules({ EventBusName: wish.bus, NamePrefix: wish.name }, options),
  );
  const rule = listed?.Rules?.find(({ Name }) => Name === wish.name);
  if (rule === undefined) return 'its rule is gone';
  if (rule.State !== (wish.enabled ? 'ENABLED' : 'DISABLED')) {
    return `its rule is ${rule.State?.toLowerCase() ?? 'in no known state'}`;
  }
  if (!samePattern(rule.EventPattern, wish.pattern)) return 'its rule has another pattern';
  const told = await ifThere(
    events.listTargetsByRule({ Rule: wish.name, EventBusName: wish.bus }, options),
  );
  const destination = told?.Targets?.find(({ Id }) => Id === TARGET_ID);
  if (destination?.Arn !== aliasArn(target)) return 'its rule does not lead to the function';
  if ((destination.InputTransformer?.InputTemplate ?? null) !== wish.template) {
    return 'its rule hands over another input';
  }
  return statementProblem(scope, wish.statementId);
}

function samePattern(present: string | undefined, wished: string): boolean {
  const [a, b]: readonly unknown[] = [JSON.parse(present ?? 'null'), JSON.parse(wished)];
  return sameJson(a, b);
}
