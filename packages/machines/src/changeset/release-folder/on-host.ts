import type { RemoteSession } from '@vesemir/core'

/** Gives a changeset as it is on one host: machines that share a disk have folders by their names. */
export function onHost<Changeset extends { directory: string }>(
  changeset: Changeset,
  { target }: RemoteSession,
): Changeset {
  return { ...changeset, directory: changeset.directory.replaceAll('{host}', target.name) }
}
