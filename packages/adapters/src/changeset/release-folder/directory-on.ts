import type { RemoteSession } from '@vesemir/core'

/** The folder of releases as it is on one host: machines that share a disk have folders by their names. */
export function directoryOn({ target }: RemoteSession, directory: string): string {
  return directory.replaceAll('{host}', target.name)
}
