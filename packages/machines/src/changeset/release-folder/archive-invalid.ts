/** An archive that is none, not whole, or not to be unpacked. Its message goes on from the archive's name. */
export class ArchiveInvalid extends Error {
  override readonly name = 'ArchiveInvalid'
}

/**
 * Refuses the name of a file that would be written outside of the folder that the archive is unpacked in. To some tools a
 * backslash is a slash, and all end a name at its first NUL.
 * @throws {ArchiveInvalid}
 */
export function checkName(name: string): void {
  const [seen = ''] = name.split('\0', 1)
  if (/^[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(seen))
    throw new ArchiveInvalid(`would write outside of its folder, to ${JSON.stringify(seen)}`)
}

// POSIX.1-2017, sys/stat.h.
const fileTypes = { mask: 0o170000, fifo: 0o010000, character: 0o020000, block: 0o060000, socket: 0o140000 } as const
const runsAsOther = 0o6000

/**
 * Refuses what a release has no use for, and what would make root's unpacking dangerous: files that run as their owner or
 * group, and devices, pipes and sockets. `mode` has the type of the file above its permissions; 0 where it is told otherwise.
 * @throws {ArchiveInvalid}
 */
export function checkMode(name: string, mode: number): void {
  const type = mode & fileTypes.mask
  const { fifo, character, block, socket } = fileTypes
  if ([fifo, character, block, socket].some((special) => special === type))
    throw new ArchiveInvalid(`has a device, pipe or socket, ${JSON.stringify(name)}`)
  if ((mode & runsAsOther) !== 0)
    throw new ArchiveInvalid(`has a file that runs as another user (setuid or setgid), ${JSON.stringify(name)}`)
}
