/** A file on this machine, complete, to be stored. */
export interface StoredFile {
  path: string
  /** SHA-256 of its content, hexadecimal. */
  sha256: string
}

/** Stores files under names of plain characters and slashes. Every call throws `ARCHIVE_FAILED`. */
export interface ArchiveStorage {
  /** Stores a file whole, in the place of one of the same name: nobody reads a part of it. */
  put(name: string, file: StoredFile): Promise<void>
  /** Reads a file in pieces, as long as they are taken. */
  read(name: string): AsyncIterable<Uint8Array>
  /** Lists the names that start with a prefix. */
  list(prefix: string): Promise<string[]>
  /** Removes a file, if there is one. */
  remove(name: string): Promise<void>
}
