import { act, commandEnv, logLine, type ConnectedWalk } from '../walk.ts'

/** Introduces the changeset on the host, to which it may have come already; on the way back, takes it out again. */
export async function deploy(walk: ConnectedWalk): Promise<string> {
  const { spec, remote, waits, signal, claim, intent } = walk
  const { release } = claim.deployment.plan!
  const strategy = walk.ports.changesets(spec.changeset)
  const context = { spec, session: remote, env: commandEnv(walk), onLine: logLine(walk) }
  if (intent === 'rollback') {
    const previous = claim.host.release?.previous
    const { note, current } = await act(walk, () => strategy.revert(release, { ...context, previous, signal }))
    await claim.append({
      type: 'release.reverted',
      host: walk.target.name,
      ...(current === undefined ? {} : { release: current }),
    })
    return note
  }
  const ahead = await walk.staging?.done
  const { previous, note } = await act(walk, () =>
    strategy.introduce(release, { ...context, isStaged: ahead !== undefined, signal: waits }),
  )
  await claim.append({
    type: 'release.introduced',
    host: walk.target.name,
    release: release.id,
    ...(previous === undefined ? {} : { previous }),
  })
  return ahead?.note ?? note
}
