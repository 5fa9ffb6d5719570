import { randomBytes } from 'node:crypto'
import { exportVariables } from './export-variables.ts'

/**
 * How variables reach a script that no command line may show: they are sent on standard input before all else, up to a mark. sh
 * reads lines byte by byte, so that what follows the mark is left for the script. Where the input ends early, it is not run.
 */
export function sentEnvironment(env: Readonly<Record<string, string>> = {}): { firstCommand: string; sent: string } {
  const exports = exportVariables(env)
  if (exports.length === 0) return { firstCommand: '', sent: '' }
  const mark = `vesemir-${randomBytes(8).toString('hex')}`
  return { firstCommand: readTo(mark), sent: `${[...exports, mark].join('\n')}\n` }
}

// `$IFS` is a line end here: see `loginShellCommand`. The names are Vesemir's own: no environment has others called so.
const readTo = (mark: string) =>
  'VESEMIR_SENT=; ' +
  `while :; do IFS= read -r VESEMIR_LINE || exit; case $VESEMIR_LINE in ${mark}) break; esac; ` +
  'VESEMIR_SENT=$VESEMIR_SENT$VESEMIR_LINE$IFS; done; ' +
  'eval "$VESEMIR_SENT"; unset VESEMIR_SENT VESEMIR_LINE; '
