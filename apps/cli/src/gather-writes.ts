/**
 * Gathers what is written to a stream in one turn of the event loop: a system call for each line costs more than the line.
 * `flush` writes it at once, for whatever must come after it.
 */
export function gatherWrites(stream: NodeJS.WritableStream): { write: (text: string) => void; flush: () => void } {
  let gathered = ''
  const flush = () => {
    if (gathered === '') return
    const text = gathered
    gathered = ''
    stream.write(text)
  }
  // A turn that ends the process has no next one.
  process.once('exit', flush)
  return {
    write: (text) => {
      if (gathered === '') setImmediate(flush)
      gathered += text
    },
    flush,
  }
}
