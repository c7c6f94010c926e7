import { AwsFault } from '../core/service.ts';

/** How EventBridge refuses a pattern. */
export function invalidPattern(reason: string): AwsFault {
  return new AwsFault(
    400,
    'InvalidEventPatternException',
    `Event pattern is not valid. Reason: ${reason}`,
  );
}
