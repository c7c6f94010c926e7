/** Wrong adapters that do what they should, and give a wrong account of it: in plans, in lists, in answers. */
import type { JsonObject, Plan } from 'polyfaas/spi';
import type { ToyProvider } from './toy-subject.ts';
import { cases, invoking, planning, type WrongToy } from './wrong.ts';

/** An adapter all of whose plans are changed. */
const replanning = (provider: ToyProvider, change: (made: Plan) => Plan): ToyProvider => {
  const { plan } = provider;
  return planning(provider, {
    deploy: (request, observed) => change(plan.deploy(request, observed)),
    configureEvent: (request, observed) => change(plan.configureEvent(request, observed)),
    removeEvent: (request, observed) => change(plan.removeEvent(request, observed)),
    preWarm: (request, observed) => change(plan.preWarm(request, observed)),
    rollback: (request, observed) => change(plan.rollback(request, observed)),
    remove: (request, observed) => change(plan.remove(request, observed)),
    prune: (request, observed) => change(plan.prune(request, observed)),
  });
};

/** What the type does not allow, as an adapter without types would write it. */
const untyped = <Value extends object>(value: Value, wrong: JsonObject): Value =>
  Object.assign({ ...value }, wrong);

let accounts = 0;

export const WRONG_ACCOUNTS: readonly WrongToy[] = [
  {
    what: 'lists what other stages and apps have',
    spoil: (provider, cloud) => ({
      ...provider,
      async *list() {
        for (const [physicalName, { owner, state }] of cloud.functions) {
          if (owner) yield { name: owner.name, physicalName, liveVersion: state.live };
        }
      },
    }),
    watched: cases(/^fleet\/list/),
    noticedBy: ['fleet/list-apart'],
  },
  {
    what: 'keeps one version, however many it is told to keep',
    spoil: (provider) =>
      planning(provider, {
        prune: (request, observed) =>
          provider.plan.prune({ ...request, keepVersions: 1 }, observed),
      }),
    watched: cases(/^remove\/prune/),
    noticedBy: ['remove/prune-some'],
  },
  {
    what: 'says that the first version answered, whichever did',
    spoil: (provider) =>
      invoking(provider, async (result) => ({ ...(await result), version: '1' })),
    watched: cases(/^invoke\/version/),
    noticedBy: ['invoke/version-reported'],
  },
  {
    what: 'holds no lock',
    spoil: (provider) =>
      replanning(provider, (made) => ({
        ...made,
        steps: made.steps.map((step) => ({ ...step, locks: [] })),
      })),
    watched: cases(/^plan\//),
    noticedBy: ['plan/locks'],
  },
  {
    what: 'calls every plan a deploy',
    spoil: (provider) => replanning(provider, (made) => ({ ...made, operation: 'deploy' })),
    watched: cases(/^(plan|rollback)\//),
    noticedBy: [
      'rollback/default',
      'rollback/to-version',
      'rollback/one-back',
      'rollback/settings',
      'rollback/keeps-bindings',
      'rollback/and-forward',
      'rollback/never-started',
    ],
  },
  {
    what: 'makes plans of another form',
    spoil: (provider) => replanning(provider, (made) => untyped(made, { specVersion: 2 })),
    watched: cases(/^(plan\/does-nothing|remove\/twice)$/),
    noticedBy: ['plan/does-nothing', 'remove/twice'],
  },
  {
    what: 'is of another version of the interface',
    spoil: (provider) => untyped(provider, { specVersion: 2 }),
    watched: ['deploy/live', 'plan/does-nothing'],
    noticedBy: ['deploy/live', 'plan/does-nothing'],
  },
  {
    what: 'is in another account whenever it is asked, and plans for it',
    spoil: (provider) => ({
      ...provider,
      identify: () => {
        accounts += 1;
        return Promise.resolve({ account: `toy-${accounts}`, region: 'memory' });
      },
      plan: {
        ...provider.plan,
        deploy(request, observed) {
          const made = provider.plan.deploy(request, observed);
          const { account } = request.identity;
          return {
            ...made,
            steps: made.steps.map((step) => ({ ...step, input: { ...step.input, account } })),
          };
        },
      },
    }),
    watched: cases(/^plan\//),
    noticedBy: ['plan/repeatable'],
  },
];
