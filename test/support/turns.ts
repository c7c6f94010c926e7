/** Lets what was begun in the background come to its end, as far as it needs turns and no time. */
export async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}
