import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The contracts, which take minutes: one that was begun last would run alone at the end. */
const LONG = /\/test\/(?:contract|toy)\//;

/** The longest files first, then as usual. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...usual.filter(isLong), ...usual.filter((file) => !isLong(file))];
  }
}
