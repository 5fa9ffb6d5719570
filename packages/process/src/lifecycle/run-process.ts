import { errorTable, isVesemirError, type VesemirError } from '@vesemir/core'
import { destination } from 'pino'
import { createLog } from '../log/index.ts'
import type { Masker } from '../masking/index.ts'
import type { FieldError } from '../settings/parse-yaml.ts'

/**
 * Runs what a process is for. Wrong settings end it with exit code 2, data of a newer version and a Redis that is refused with 7; stderr
 * says what is wrong. Any other error, thrown by whatever part of it, ends it with 1 and a line of the log on stderr. Node would print all
 * that hangs on an error, a password among it; `masker` takes secrets out of the rest.
 */
export async function runProcess(run: () => Promise<void>, masker?: Masker): Promise<void> {
  const crash: (error: unknown) => never = (error) => {
    createLog({ ...(masker ? { masker } : {}), stream: destination({ dest: 2, sync: true }) }).fatal(
      { err: error },
      crashed,
    )
    process.exit(1)
  }
  process.once('uncaughtException', crash)
  try {
    await run()
  } catch (error) {
    if (!isVesemirError(error, 'CONFIG_INVALID', 'SCHEMA_TOO_NEW', 'REDIS_UNSAFE')) crash(error)
    // Not by the console, which a service has given to its log.
    process.stderr.write(`${settingsLines(error).join('\n')}\n`)
    process.exitCode = errorTable[error.code].exit
  }
}

const crashed = 'ended by an error that nothing handles'

function settingsLines({ code, message, details }: VesemirError): string[] {
  const { errors = [] } = details as { errors?: FieldError[] }
  return [`error: ${message} (${code})`, ...errors.map(fieldLine), `→ ${errorTable[code].hint}`]
}

function fieldLine({ field, message, place }: FieldError): string {
  return `  ${place === undefined ? '' : `${place}  `}${field === '' ? '' : `${field}: `}${message}`
}
