/**
 * Where instances are kept ready for the alias, Lambda moves it by and by: until those of the new version are ready, it
 * puts a weight of 1 for the version before on the alias, which then has all of the traffic. Where they do not start, that
 * stays so (terraform-provider-aws, pull request 48116).
 *
 * @returns the version that keeps the traffic meanwhile; undefined where the alias has been moved.
 */
export function rollsFrom(weights: Readonly<Record<string, number>> = {}): string | undefined {
  // Nobody asks for that: a version that is to have all of the traffic is made the alias' own.
  return Object.keys(weights).find((version) => weights[version] === 1);
}
