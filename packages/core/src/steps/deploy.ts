import { act, commandEnv, logLine, type ConnectedWalk } from '../walk.ts'

/** Introduces the changeset on the host. */
export async function deploy(walk: ConnectedWalk): Promise<string> {
  const { spec, remote, signal, claim } = walk
  const release = claim.deployment.plan!.release
  const strategy = walk.ports.changesets(spec.changeset)
  const { previous, note } = await act(walk, () =>
    strategy.introduce(release, { spec, session: remote, env: commandEnv(walk), onLine: logLine(walk), signal }),
  )
  await claim.append({
    type: 'release.introduced',
    host: walk.target.name,
    release: release.id,
    ...(previous === undefined ? {} : { previous }),
  })
  return note
}
