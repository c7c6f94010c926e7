/** What outlives a call, a line each. */
import type { LambdaState } from './state.ts';

export function lambdaInventory(state: LambdaState): readonly string[] {
  const lines: string[] = [];
  for (const fn of state.functions.values()) {
    const of = (qualifier: string): string =>
      qualifier === '' ? fn.name : `${fn.name}:${qualifier}`;
    lines.push(`lambda function ${fn.name}`);
    for (const version of fn.versions.keys()) lines.push(`lambda version ${of(version)}`);
    for (const alias of fn.aliases.keys()) lines.push(`lambda alias ${of(alias)}`);
    for (const key of fn.urls.keys()) lines.push(`lambda url ${of(key)}`);
    for (const key of fn.eventInvoke.keys()) lines.push(`lambda event-invoke-config ${of(key)}`);
    for (const key of fn.provisioned.keys())
      lines.push(`lambda provisioned-concurrency ${of(key)}`);
    if (fn.reserved !== undefined) lines.push(`lambda reserved-concurrency ${fn.name}`);
    for (const [key, policy] of fn.policies) {
      for (const statement of policy.statements) {
        lines.push(`lambda permission ${of(key)} ${statement.Sid}`);
      }
    }
  }
  for (const [name, layer] of state.layers) {
    for (const version of layer.versions.keys()) lines.push(`lambda layer ${name}:${version}`);
  }
  return lines;
}
