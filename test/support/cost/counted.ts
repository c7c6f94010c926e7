/** The same call again and again is told once: `GET v13/deployments/* (3 times)` */
export function counted(calls: readonly string[]): readonly string[] {
  const runs: { readonly call: string; count: number }[] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    if (last?.call === call) last.count += 1;
    else runs.push({ call, count: 1 });
  }
  return runs.map(({ call, count }) => (count === 1 ? call : `${call} (${count} times)`));
}
