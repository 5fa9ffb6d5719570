/** Says one line of set-up on stderr: stdout belongs to the target. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`setup: ${line}\n`)
}

/** What a person must do before set-up can go on; its message is shown as it is. */
export class SetupProblem extends Error {}
