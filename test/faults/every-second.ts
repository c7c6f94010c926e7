import type { MakeSubject } from 'polyfaas/contract';

/**
 * The same subject, with every second call as all calls that there are: for faults that are much alike, where each turn
 * takes real time.
 *
 * @param first the number of the first of them.
 */
export function everySecond(makeSubject: MakeSubject, first: 0 | 1): MakeSubject {
  return async () => {
    const subject = await makeSubject();
    const { faults } = subject;
    if (!faults) return subject;
    return {
      ...subject,
      faults: {
        count: async (work) => Math.ceil(((await faults.count(work)) - first) / 2),
        arm: ({ call, kind }) => faults.arm({ call: call * 2 + first, kind }),
        interrupt: ({ call, work }) => faults.interrupt({ call: call * 2 + first, work }),
        disarm: () => faults.disarm(),
      },
    };
  };
}
