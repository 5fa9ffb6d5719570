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
