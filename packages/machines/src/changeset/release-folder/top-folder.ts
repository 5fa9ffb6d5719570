import type { OnEntry } from './read-tar.ts'

/** Finds the one folder at the top of an archive that holds all of it, when there is one: as builds and GitHub make them. */
export function createTopFolder(): { see: OnEntry; name: () => string | undefined } {
  let folder: string | undefined
  let hasOthers = false
  return {
    see({ name, isFolder }) {
      const [top, ...below] = name.split('/').filter((part) => part !== '' && part !== '.')
      if (top === undefined) return
      folder ??= top
      hasOthers ||= top !== folder || (below.length === 0 && !isFolder)
    },
    name: () => (hasOthers ? undefined : folder),
  }
}
