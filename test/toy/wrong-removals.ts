/** Wrong adapters that remove too little, or too much. */
import { cases, textIn, type WrongToy } from './wrong.ts';

export const WRONG_REMOVALS: readonly WrongToy[] = [
  {
    what: 'leaves the versions behind when it removes',
    spoil: (provider, cloud) => ({
      ...provider,
      async execute(step, call) {
        if (step.kind !== 'remove') return provider.execute(step, call);
        const found = cloud.functions.get(textIn(step.input, 'name'));
        if (found) found.state = { live: null, bindings: [], async: null };
        return { done: true };
      },
    }),
    watched: cases(/^remove\/(leaves|takes|twice|then|neighbours)/),
    noticedBy: [
      'remove/leaves-nothing',
      'remove/takes-sources',
      'remove/twice',
      'remove/then-invoke',
    ],
  },
  {
    what: 'takes with a function what others use too',
    spoil: (provider, cloud) => ({
      ...provider,
      async execute(step, call) {
        const result = await provider.execute(step, call);
        if (step.kind !== 'remove') return result;
        for (const other of cloud.functions.values())
          other.state = { ...other.state, bindings: [] };
        return result;
      },
    }),
    watched: cases(/^remove\/(shared|stages)/),
    noticedBy: [
      'remove/shared-stays',
      'remove/stages-share',
      'remove/stages-share-dead-letters',
      'remove/stages-share-undelivered',
    ],
  },
];
