import { busArn } from '../arn.ts';
import { ifThere, unlessMissing } from '../failures.ts';
import { tagList, tagsOfList } from '../tags.ts';
import type { MadeKind } from './kind.ts';

export const MADE_BUS: MadeKind = {
  keptBecause: 'it has rules',

  async tags({ aws, place, name, call }) {
    const events = await aws.eventbridge();
    const found = await ifThere(
      events.listTagsForResource(
        { ResourceARN: busArn(place, name) },
        { abortSignal: call.signal },
      ),
    );
    return found && tagsOfList(found.Tags);
  },

  async users({ aws, name, call }) {
    const events = await aws.eventbridge();
    const options = { abortSignal: call.signal };
    const found = await ifThere(events.listRules({ EventBusName: name }, options));
    const users: string[] = [];
    for (const { Name = '', Arn = '' } of found?.Rules ?? []) {
      const targets = await ifThere(
        events.listTargetsByRule({ Rule: Name, EventBusName: name }, options),
      );
      const arns = (targets?.Targets ?? []).map((target) => target.Arn ?? '');
      users.push(...(arns.length === 0 ? [Arn] : arns));
    }
    return users;
  },

  async delete({ aws, name, call }) {
    const events = await aws.eventbridge();
    await unlessMissing(events.deleteEventBus({ Name: name }, { abortSignal: call.signal }));
    return 'gone';
  },

  async retag({ aws, place, name, call }, set) {
    const events = await aws.eventbridge();
    await events.tagResource(
      { ResourceARN: busArn(place, name), Tags: tagList(set) },
      { abortSignal: call.signal },
    );
  },
};
