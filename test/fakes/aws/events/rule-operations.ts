/** Rules and their targets. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  objects,
  optionalFlag,
  optionalObjects,
  optionalText,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { BUS, tagsOf } from './bus-operations.ts';
import type { Buses, Rule } from './buses.ts';
import { page } from './page.ts';
import { compilePattern } from './pattern.ts';
import { entryProblem, TARGET_ID, targetOf } from './target.ts';

const NAME = { min: 1, max: 64, pattern: /[.\-_A-Za-z0-9]+/ };

export function ruleOperations(
  world: World,
  buses: Buses,
): Readonly<Record<string, JsonOperation>> {
  const busOf = (input: Input) => optionalText(input, 'EventBusName', BUS);
  const named = (input: Input) => buses.rule(busOf(input), text(input, 'Name', NAME));
  const ruleOf = (input: Input) => buses.rule(busOf(input), text(input, 'Rule', NAME));
  const setState = (input: Input, state: string) => {
    named(input).state = state;
    return {};
  };

  return {
    PutRule(input) {
      const name = text(input, 'Name', NAME);
      const pattern = optionalText(input, 'EventPattern', { max: 4096 });
      const bus = buses.get(busOf(input));
      const tags = tagsOf(optionalObjects(input, 'Tags') ?? []);
      checkTrigger(optionalText(input, 'ScheduleExpression', { max: 256 }), pattern, bus.name);
      const { rule, isNew } = buses.putRule(bus, name, {
        pattern: { text: pattern ?? '', fits: compilePattern(pattern ?? '') },
        state: optionalText(input, 'State', { oneOf: ['ENABLED', 'DISABLED'] }) ?? 'ENABLED',
        description: optionalText(input, 'Description', { max: 512 }),
        roleArn: optionalText(input, 'RoleArn', { min: 1, max: 1600 }),
      });
      // Tags that come along are for a new rule only.
      if (isNew) for (const [key, value] of tags) buses.tags(rule.arn).set(key, value);
      return { RuleArn: rule.arn };
    },
    DescribeRule: (input) => view(named(input)),
    DeleteRule(input) {
      optionalFlag(input, 'Force');
      buses.deleteRule(busOf(input), text(input, 'Name', NAME));
      return {};
    },
    EnableRule: (input) => setState(input, 'ENABLED'),
    DisableRule: (input) => setState(input, 'DISABLED'),
    ListRules(input) {
      const prefix = optionalText(input, 'NamePrefix', NAME) ?? '';
      const rules = sorted(buses.get(busOf(input)).rules.values());
      const found = rules.filter((rule) => rule.name.startsWith(prefix));
      const { items, token } = page(found, input);
      return { Rules: items.map(view), ...token };
    },
    ListRuleNamesByTarget(input) {
      const arn = text(input, 'TargetArn', { min: 1, max: 1600 });
      const found = sorted(buses.get(busOf(input)).rules.values()).filter((rule) =>
        [...rule.targets.values()].some((target) => target.arn === arn),
      );
      const { items, token } = page(found, input);
      return { RuleNames: items.map((rule) => rule.name), ...token };
    },
    PutTargets(input) {
      const rule = ruleOf(input);
      const given = objects(input, 'Targets', { min: 1, max: 100 });
      const targets = given.map((each) => targetOf(world, each));
      const failed = targets.flatMap((target) => {
        const problem = entryProblem(world, target);
        return problem === undefined ? [] : [{ TargetId: target.id, ...problem }];
      });
      const bad = new Set(failed.map((entry) => entry.TargetId));
      buses.putTargets(
        rule,
        targets.filter((target) => !bad.has(target.id)),
      );
      return { FailedEntryCount: failed.length, FailedEntries: failed };
    },
    RemoveTargets(input) {
      const rule = ruleOf(input);
      for (const id of texts(input, 'Ids', { min: 1, max: 100 })) {
        rule.targets.delete(text({ id }, 'id', TARGET_ID));
      }
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule(input) {
      const { items, token } = page([...ruleOf(input).targets.values()], input);
      return { Targets: items.map((target) => target.given), ...token };
    },
  };
}

function checkTrigger(
  schedule: string | undefined,
  pattern: string | undefined,
  bus: string,
): void {
  if (schedule === undefined && pattern === undefined) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (schedule !== undefined && bus !== 'default') {
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  }
  if (schedule !== undefined) {
    throw new AwsFault(501, 'NotImplemented', 'This fake has no rules that run by the clock');
  }
}

function invalid(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}

function sorted(rules: Iterable<Rule>): readonly Rule[] {
  return [...rules].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function view(rule: Rule): object {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern.text,
    State: rule.state,
    EventBusName: rule.bus,
    ...(rule.description !== undefined && { Description: rule.description }),
    ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
  };
}
