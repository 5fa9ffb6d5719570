/**
 * Starts tasks together and returns what each comes to, in order. One that throws at once fails as any other does: written as
 * `Promise.all([a(), b()])`, a throw of `b` would leave the promise of `a` to nobody, and its rejection would end the process.
 */
export async function inParallel<Results extends readonly unknown[]>(
  ...tasks: { [Index in keyof Results]: () => Results[Index] | Promise<Results[Index]> }
): Promise<Results> {
  const started = tasks.map(async (task) => task())
  return (await Promise.all(started)) as unknown as Results
}
