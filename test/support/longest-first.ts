import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes: begun last, it would run alone at the end, in a process grown so large that it starts others slowly. */
const LONG = [
  'test/contract/gcp.test.ts',
  'test/contract/azure.test.ts',
  'test/contract/vercel.test.ts',
  'test/contract/aws.test.ts',
  'test/contract/local.test.ts',
  'test/contract/local-processes.test.ts',
  'test/contract/toy.test.ts',
];

/** The longest files first, then as usual. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at < 0 ? LONG.length : at;
    };
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => place(a) - place(b));
  }
}
